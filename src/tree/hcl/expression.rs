//! Lowers the bodies and expressions of hcl-edit into nodes; called by [`super`] with what the parser has accepted.
//!
//! Spans: a block spans its type, labels and body, so it overlaps the key under which its body mapping lists it.
//! Parentheses are not nodes; the operand inside them has its own span without them, the expression around them
//! spans them. What a splat takes from every element begins at the `[*]` or `.*`.

use super::template::Literals;
use crate::tree::{Expr, Kind, MAX_DEPTH, NodeId, Style, Tree};
use hcl_edit::expr::{Expression, ForExpr, FuncCall, Object, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::structure::{Block, BlockLabel, Body, Structure};
use hcl_edit::template::{Directive, Element, Template};
use hcl_edit::{Decorated, Span};
use std::ops::Range;

/// The parser takes 64 levels; splats and chains of operators add some of ours. Behind this, give up.
const MAX_RECURSION: usize = 2 * MAX_DEPTH;

/// Adds nodes to a tree; `offset` is where in the file the parsed text begins.
pub(super) struct Lowering<'t> {
    pub tree: &'t mut Tree,
    pub offset: usize,
    pub depth: usize,
}

impl Lowering<'_> {
    /// The entries of a body.
    pub fn entries(&mut self, body: &Body) -> Vec<(NodeId, NodeId)> {
        body.iter()
            .map(|structure| match structure {
                Structure::Attribute(attribute) => (self.name(&attribute.key), self.expression(&attribute.value)),
                Structure::Block(block) => (self.name(&block.ident), self.block(block)),
            })
            .collect()
    }

    fn block(&mut self, block: &Block) -> NodeId {
        let whole = self.range(block);
        let mut head_end = self.range(&block.ident).end;
        let labels = block.labels.iter().map(|label| {
            let range = self.range(label);
            head_end = range.end;
            match label {
                BlockLabel::Ident(_) => self.add(Kind::Scalar(None), Style::Plain, range),
                BlockLabel::String(text) => self.add(Kind::Scalar(Some(text.as_str().into())), Style::Quoted, range),
            }
        });
        let labels = labels.collect();
        let entries = self.entries(&block.body);
        // The parser gives the body of a one-line block no place.
        let brace = self.opening_brace(head_end..whole.end);
        let body = self.add(Kind::Mapping(entries.into()), Style::Block, brace..whole.end);
        self.add(Kind::Block { labels, body }, Style::Block, whole)
    }

    /// The brace behind the head of a block; only blanks and comments in `/* */` can stand before it.
    fn opening_brace(&self, range: Range<usize>) -> usize {
        let mut rest = self.tree.text.get(range.clone()).unwrap_or("");
        loop {
            rest = rest.trim_start();
            match rest.strip_prefix("/*").and_then(|comment| comment.split_once("*/")) {
                Some((_, behind)) => rest = behind,
                None => return range.end - rest.len(),
            }
        }
    }

    fn name(&mut self, name: &impl Span) -> NodeId {
        let range = self.range(name);
        self.add(Kind::Scalar(None), Style::Plain, range)
    }

    fn add(&mut self, kind: Kind, style: Style, range: Range<usize>) -> NodeId {
        self.tree.add(kind, style, range.start, range.end)
    }

    /// Where something stands in the file. The parser knows it for all that it has parsed.
    fn range(&self, parsed: &impl Span) -> Range<usize> {
        let range = parsed.span().unwrap_or(0..0);
        range.start + self.offset..range.end + self.offset
    }

    fn slice(&self, range: &Range<usize>) -> &str {
        self.tree.text.get(range.clone()).unwrap_or("")
    }

    /// Lowers an expression and all that is in it.
    pub fn expression(&mut self, expression: &Expression) -> NodeId {
        let range = self.range(expression);
        if self.depth >= MAX_RECURSION {
            self.tree.error(range.start, range.end, "the expression is nested too deeply");
            return self.add(Kind::Null, Style::Plain, range);
        }
        self.depth += 1;
        let node = self.nested_expression(expression, range);
        self.depth -= 1;
        node
    }

    /// Lowers a text that is nothing but a template. Its rules for `~` are those of a heredoc.
    pub fn whole_template(&mut self, template: &Template, length: usize) -> NodeId {
        let literals = Literals::of_heredoc(template, &self.tree.text, self.offset, false);
        let parts = self.template_parts(template, &literals, Style::BlockScalar);
        let range = self.offset..self.offset + length;
        self.add(Kind::Expr(Box::new(Expr::Template(parts))), Style::BlockScalar, range)
    }

    fn nested_expression(&mut self, expression: &Expression, range: Range<usize>) -> NodeId {
        let mut style = Style::Plain;
        let kind = match expression {
            Expression::Null(_) => Kind::Null,
            Expression::Bool(_) => Kind::Scalar(None),
            Expression::Number(number) => {
                // `- 1` is a number too.
                let is_text =
                    !self.slice(&range).contains(|character: char| character.is_whitespace() || character == '/');
                Kind::Scalar(if is_text { None } else { Some(number.value().to_string().into()) })
            }
            Expression::String(text) => {
                style = Style::Quoted;
                Kind::Scalar(Some(text.as_str().into()))
            }
            Expression::Array(array) => {
                style = Style::Flow;
                Kind::Sequence(array.iter().map(|item| self.expression(item)).collect())
            }
            Expression::Object(object) => {
                style = Style::Flow;
                self.object(object)
            }
            Expression::StringTemplate(template) => {
                style = Style::Quoted;
                let literals = Literals::of_string(template, self.offset);
                Kind::Expr(Box::new(Expr::Template(self.template_parts(template, &literals, style))))
            }
            Expression::HeredocTemplate(heredoc) => {
                style = Style::BlockScalar;
                let flush = self.slice(&range).starts_with("<<-");
                let template = &heredoc.template;
                let literals = Literals::of_heredoc(template, &self.tree.text, self.offset, flush);
                if template.iter().all(Element::is_literal) {
                    Kind::Scalar(Some(literals.joined().into()))
                } else {
                    Kind::Expr(Box::new(Expr::Template(self.template_parts(template, &literals, style))))
                }
            }
            Expression::Parenthesis(parenthesis) => return self.expression(parenthesis.inner()),
            Expression::Traversal(traversal) => return self.traversal(traversal),
            _ => Kind::Expr(Box::new(self.computation(expression))),
        };
        self.add(kind, style, range)
    }

    fn computation(&mut self, expression: &Expression) -> Expr {
        match expression {
            Expression::Conditional(conditional) => Expr::Conditional {
                condition: self.expression(&conditional.cond_expr),
                then: self.expression(&conditional.true_expr),
                otherwise: self.expression(&conditional.false_expr),
            },
            Expression::UnaryOp(operation) => Expr::Unary {
                operator: operation.operator.value().as_str().into(),
                operand: self.expression(&operation.expr),
            },
            Expression::BinaryOp(operation) => Expr::Binary {
                left: self.expression(&operation.lhs_expr),
                operator: operation.operator.value().as_str().into(),
                right: self.expression(&operation.rhs_expr),
            },
            Expression::FuncCall(call) => self.call(call),
            Expression::ForExpr(expression) => self.for_expression(expression),
            // The caller has dealt with everything else; its source text is a name.
            other => {
                let range = self.range(other);
                Expr::Variable(self.slice(&range).into())
            }
        }
    }

    fn call(&mut self, call: &FuncCall) -> Expr {
        let mut name = String::new();
        for part in &call.name.namespace {
            name.push_str(part.as_str());
            name.push_str("::");
        }
        name.push_str(call.name.name.as_str());
        let arguments = call.args.iter().map(|argument| self.expression(argument)).collect();
        Expr::Call { name: name.into(), arguments, expand: call.args.expand_final() }
    }

    fn for_expression(&mut self, expression: &ForExpr) -> Expr {
        Expr::For {
            key: expression.intro.key_var.as_ref().map(|key| key.as_str().into()),
            value: expression.intro.value_var.as_str().into(),
            collection: self.expression(&expression.intro.collection_expr),
            result_key: expression.key_expr.as_ref().map(|key| self.expression(key)),
            result: self.expression(&expression.value_expr),
            condition: expression.cond.as_ref().map(|condition| self.expression(&condition.expr)),
            group: expression.grouping,
        }
    }

    fn object(&mut self, object: &Object) -> Kind {
        let entries = object.iter().map(|(key, value)| {
            let key = match key {
                // A bare word is a name even if it is `null`; `(name)` is a variable.
                ObjectKey::Ident(_) | ObjectKey::Expression(Expression::Null(_)) => self.name(key),
                ObjectKey::Expression(Expression::String(_)) => self.quoted_key(key),
                ObjectKey::Expression(expression) => self.expression(expression),
            };
            (key, self.expression(value.expr()))
        });
        Kind::Mapping(entries.collect())
    }

    /// Reads a key in quotes from the file: what the parser saw may be a disguise.
    fn quoted_key(&mut self, key: &ObjectKey) -> NodeId {
        let range = self.range(key);
        match hcl_edit::parser::parse_expr(self.slice(&range)) {
            Ok(expression) => {
                let mut lowering = Lowering { tree: &mut *self.tree, offset: range.start, depth: self.depth };
                lowering.expression(&expression)
            }
            Err(_) => self.add(Kind::Scalar(None), Style::Plain, range),
        }
    }

    fn traversal(&mut self, traversal: &Traversal) -> NodeId {
        let base = self.expression(&traversal.expr);
        let start = self.range(&traversal.expr).start;
        let mut operators = traversal.operators.as_slice();
        if let Some(behind) = operators.get(MAX_DEPTH) {
            let place = self.range(behind);
            self.tree.error(place.start, place.end, format!("more than {MAX_DEPTH} steps in one reference"));
            operators = operators.get(..MAX_DEPTH).unwrap_or_default();
        }
        self.steps(base, start, operators)
    }

    /// Applies operators to a base, the first one innermost.
    fn steps(&mut self, mut base: NodeId, start: usize, operators: &[Decorated<TraversalOperator>]) -> NodeId {
        let mut rest = operators;
        while let Some((operator, behind)) = rest.split_first() {
            rest = behind;
            let place = self.range(operator);
            let mut end = place.end;
            let expr = match operator.value() {
                TraversalOperator::GetAttr(name) => Expr::Attribute { base, name: name.as_str().into() },
                TraversalOperator::Index(index) => Expr::Index { base, index: self.expression(index) },
                TraversalOperator::LegacyIndex(index) => Expr::Index { base, index: self.name(index) },
                TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => {
                    // `[*]` takes all that follows from every element, `.*` takes attributes only.
                    let taken = match operator.value() {
                        TraversalOperator::FullSplat(_) => behind.len(),
                        _ => behind.iter().take_while(|step| is_attribute_step(step)).count(),
                    };
                    let (inner, outer) = behind.split_at(taken);
                    rest = outer;
                    end = inner.last().map_or(end, |last| self.range(last).end);
                    let element = self.add(Kind::Expr(Box::new(Expr::Element)), Style::Plain, place.clone());
                    let each = if self.depth < MAX_RECURSION {
                        self.depth += 1;
                        let each = self.steps(element, place.start, inner);
                        self.depth -= 1;
                        each
                    } else {
                        self.tree.error(place.start, place.end, "the expression is nested too deeply");
                        element
                    };
                    Expr::Splat { base, each }
                }
            };
            base = self.add(Kind::Expr(Box::new(expr)), Style::Plain, start..end);
        }
        base
    }

    fn template_parts(&mut self, template: &Template, literals: &Literals, style: Style) -> Box<[NodeId]> {
        let parts = template.iter().map(|element| match element {
            Element::Literal(literal) => {
                let range = self.range(literal);
                let text = literals.text(&range, literal);
                let kind = Kind::Scalar(if text == self.slice(&range) { None } else { Some(text.into()) });
                self.add(kind, style, range)
            }
            Element::Interpolation(interpolation) => self.expression(&interpolation.expr),
            Element::Directive(directive) => self.directive(directive, literals, style),
        });
        parts.collect()
    }

    fn directive(&mut self, directive: &Directive, literals: &Literals, style: Style) -> NodeId {
        let (expr, range) = match directive {
            Directive::If(directive) => {
                let condition = self.expression(&directive.if_expr.cond_expr);
                let then = self.branch(&directive.if_expr.template, literals, style);
                let otherwise = directive.else_expr.as_ref();
                let otherwise = otherwise.map(|otherwise| self.branch(&otherwise.template, literals, style));
                (Expr::TemplateIf { condition, then, otherwise }, self.range(directive))
            }
            Directive::For(directive) => {
                let head = &directive.for_expr;
                let collection = self.expression(&head.collection_expr);
                let body = self.branch(&head.template, literals, style);
                let key = head.key_var.as_ref().map(|key| key.as_str().into());
                let value = head.value_var.as_str().into();
                (Expr::TemplateFor { key, value, collection, body }, self.range(directive))
            }
        };
        self.add(Kind::Expr(Box::new(expr)), style, range)
    }

    fn branch(&mut self, template: &Template, literals: &Literals, style: Style) -> NodeId {
        let parts = self.template_parts(template, literals, style);
        let range = self.range(template);
        self.add(Kind::Expr(Box::new(Expr::Template(parts))), style, range)
    }
}

fn is_attribute_step(step: &Decorated<TraversalOperator>) -> bool {
    matches!(step.value(), TraversalOperator::GetAttr(_) | TraversalOperator::LegacyIndex(_))
}
