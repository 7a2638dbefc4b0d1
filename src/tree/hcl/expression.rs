//! HCL's expressions as nodes.

use super::Reader;
use crate::tree::{Expr, Kind, NodeId, Style};
use hcl_edit::expr::{Expression, ForExpr, FuncCall, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::template::{Directive, Element, Template};
use std::ops::Range;

// The recursion below is as deep as the text is nested, which the scan before the parser bounds.
impl Reader<'_> {
    pub(super) fn expression(&mut self, expression: &Expression) -> NodeId {
        let range = self.range(expression);
        match expression {
            Expression::Null(_) => self.tree.add(Kind::Null, Style::Plain, range.start, range.end),
            Expression::Bool(boolean) => self.scalar(&boolean.to_string(), Style::Plain, range),
            Expression::Number(number) => self.scalar(&number.to_string(), Style::Plain, range),
            Expression::String(text) => self.scalar(text.as_str(), Style::Quoted, range),
            Expression::Array(array) => {
                let items: Vec<NodeId> = array.iter().map(|item| self.expression(item)).collect();
                self.tree.add(Kind::Sequence(items.into()), Style::Flow, range.start, range.end)
            }
            Expression::Object(object) => {
                let mut pairs = Vec::with_capacity(object.len());
                for (key, value) in object.iter() {
                    let key = self.object_key(key);
                    let value = self.expression(value.expr());
                    pairs.push((key, value));
                }
                self.tree.add(Kind::Mapping(pairs.into()), Style::Flow, range.start, range.end)
            }
            Expression::StringTemplate(template) => {
                let parts: Vec<NodeId> = template.iter().filter_map(|element| self.element(element)).collect();
                self.node(Expr::Template(parts.into()), Style::Quoted, range)
            }
            Expression::HeredocTemplate(heredoc) => {
                let mut heredoc = heredoc.clone();
                heredoc.dedent();
                let mut parts = self.template_parts(&heredoc.template);
                if let [only] = parts.as_slice()
                    && let Kind::Scalar(text) = &self.tree.nodes[*only as usize].kind
                {
                    let text = text.as_deref().map(str::to_string);
                    let slice = self.tree.nodes[*only as usize].span;
                    let text = text.unwrap_or_else(|| self.text[slice.0 as usize..slice.1 as usize].to_string());
                    self.tree.nodes.pop();
                    return self.scalar(&text, Style::BlockScalar, range);
                }
                if parts.is_empty() {
                    return self.scalar("", Style::BlockScalar, range);
                }
                let parts = std::mem::take(&mut parts);
                self.node(Expr::Template(parts.into()), Style::BlockScalar, range)
            }
            // Parentheses only group; the node keeps the span of what is inside.
            Expression::Parenthesis(inner) => self.expression(inner.inner()),
            Expression::Variable(name) => self.node(Expr::Variable(name.as_str().into()), Style::Plain, range),
            Expression::Conditional(conditional) => {
                let condition = self.expression(&conditional.cond_expr);
                let then = self.expression(&conditional.true_expr);
                let otherwise = self.expression(&conditional.false_expr);
                self.node(Expr::Conditional { condition, then, otherwise }, Style::Plain, range)
            }
            Expression::FuncCall(call) => self.call(call, range),
            Expression::Traversal(traversal) => self.traversal(traversal),
            Expression::UnaryOp(operation) => {
                let operand = self.expression(&operation.expr);
                let operator = operation.operator.value().as_str().into();
                self.node(Expr::Unary { operator, operand }, Style::Plain, range)
            }
            Expression::BinaryOp(operation) => {
                let left = self.expression(&operation.lhs_expr);
                let right = self.expression(&operation.rhs_expr);
                let operator = operation.operator.value().as_str().into();
                self.node(Expr::Binary { operator, left, right }, Style::Plain, range)
            }
            Expression::ForExpr(for_expression) => self.for_expression(for_expression, range),
        }
    }

    fn node(&mut self, expr: Expr, style: Style, range: Range<usize>) -> NodeId {
        self.tree.add(Kind::Expr(Box::new(expr)), style, range.start, range.end)
    }

    /// A bare name or a quoted text is the key itself; anything else is computed.
    fn object_key(&mut self, key: &ObjectKey) -> NodeId {
        match key {
            ObjectKey::Ident(name) => {
                let range = self.range(name);
                self.scalar(name.as_str(), Style::Plain, range)
            }
            ObjectKey::Expression(expression) => self.expression(expression),
        }
    }

    fn call(&mut self, call: &FuncCall, range: Range<usize>) -> NodeId {
        let mut name = String::new();
        for part in &call.name.namespace {
            name.push_str(part.as_str());
            name.push_str("::");
        }
        name.push_str(call.name.name.as_str());
        let arguments: Vec<NodeId> = call.args.iter().map(|argument| self.expression(argument)).collect();
        let expand = call.args.expand_final();
        self.node(Expr::Call { name: name.into(), arguments: arguments.into(), expand }, Style::Plain, range)
    }

    fn for_expression(&mut self, expression: &ForExpr, range: Range<usize>) -> NodeId {
        let collection = self.expression(&expression.intro.collection_expr);
        let result_key = expression.key_expr.as_ref().map(|key| self.expression(key));
        let result = self.expression(&expression.value_expr);
        let condition = expression.cond.as_ref().map(|condition| self.expression(&condition.expr));
        let expr = Expr::For {
            key: expression.intro.key_var.as_ref().map(|name| name.as_str().into()),
            value: expression.intro.value_var.as_str().into(),
            collection,
            result_key,
            result,
            condition,
            group: expression.grouping,
        };
        self.node(expr, Style::Plain, range)
    }

    fn traversal(&mut self, traversal: &Traversal) -> NodeId {
        let base = self.expression(&traversal.expr);
        let start = self.tree.nodes[base as usize].span.0 as usize;
        let operators: Vec<_> = traversal.operators.iter().collect();
        self.operators(base, start, &operators)
    }

    /// Applies `.name`, `[index]` and splats one after the other; behind a splat, the rest applies to each element.
    fn operators(
        &mut self,
        base: NodeId,
        start: usize,
        operators: &[&hcl_edit::Decorated<TraversalOperator>],
    ) -> NodeId {
        let mut base = base;
        for (index, operator) in operators.iter().enumerate() {
            let end = self.range(*operator).end;
            let range = start..end;
            base = match operator.value() {
                TraversalOperator::GetAttr(name) => {
                    self.node(Expr::Attribute { base, name: name.as_str().into() }, Style::Plain, range)
                }
                TraversalOperator::Index(key) => {
                    let key = self.expression(key);
                    self.node(Expr::Index { base, index: key }, Style::Plain, range)
                }
                TraversalOperator::LegacyIndex(number) => {
                    let place = self.range(number);
                    let key = self.scalar(&number.value().to_string(), Style::Plain, place);
                    self.node(Expr::Index { base, index: key }, Style::Plain, range)
                }
                TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => {
                    let element = self.node(Expr::Element, Style::Plain, end..end);
                    let each = self.operators(element, end, &operators[index + 1..]);
                    let end = operators.last().map_or(end, |last| self.range(*last).end);
                    return self.node(Expr::Splat { base, each }, Style::Plain, start..end);
                }
            };
        }
        base
    }

    fn template(&mut self, template: &Template, range: Range<usize>) -> NodeId {
        let parts = self.template_parts(template);
        self.node(Expr::Template(parts.into()), Style::Plain, range)
    }

    fn template_parts(&mut self, template: &Template) -> Vec<NodeId> {
        template.iter().filter_map(|element| self.element(element)).collect()
    }

    fn element(&mut self, element: &Element) -> Option<NodeId> {
        let range = self.range(element);
        Some(match element {
            Element::Literal(text) if text.is_empty() => return None,
            Element::Literal(text) => self.scalar(text.as_str(), Style::Plain, range),
            Element::Interpolation(interpolation) => self.expression(&interpolation.expr),
            Element::Directive(directive) => match directive.as_ref() {
                Directive::If(directive) => {
                    let condition = self.expression(&directive.if_expr.cond_expr);
                    let then = self.template(&directive.if_expr.template, range.clone());
                    let otherwise =
                        directive.else_expr.as_ref().map(|otherwise| self.template(&otherwise.template, range.clone()));
                    self.node(Expr::TemplateIf { condition, then, otherwise }, Style::Plain, range)
                }
                Directive::For(directive) => {
                    let head = &directive.for_expr;
                    let collection = self.expression(&head.collection_expr);
                    let body = self.template(&head.template, range.clone());
                    let key = head.key_var.as_ref().map(|name| name.as_str().into());
                    let value = head.value_var.as_str().into();
                    self.node(Expr::TemplateFor { key, value, collection, body }, Style::Plain, range)
                }
            },
        })
    }
}
