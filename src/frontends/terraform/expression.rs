//! Expressions: operators, conditionals, `for`, splats, templates. Names go to [`super::scope`], calls to
//! [`super::functions`].
//!
//! What is not known stays unknown, and takes along as little as possible: an object with one unknown attribute is
//! an object, `false && unknown` is false.

use super::functions::text_pieces;
use super::scope::{ELEMENT, Env, Evaluator, Step, unknown};
use crate::frontends::document::assemble;
use crate::grouping::grouped;
use crate::source::Span;
use crate::tree::{Expr, Kind, NodeId, NodeRef, Style};
use crate::value::{Data, Entry, How, Origin, Part, Resolved, Sourced, Unknown, Value};
use std::collections::BTreeMap;

/// Values within one value, counted as often as they are there.
const MAX_SIZE: usize = 100_000;
/// Nesting of expressions and references, taken together, that is followed.
const MAX_DEPTH: usize = 100;

impl<'w> Evaluator<'w> {
    /// The value of an expression.
    pub fn evaluate(&mut self, node: NodeRef<'w>, env: Env<'_>) -> Value {
        let span = node.span();
        if self.depth >= MAX_DEPTH || self.steps == 0 {
            return unknown(Unknown::NotEvaluated("an expression this large".into()), span);
        }
        self.steps -= 1;
        self.depth += 1;
        let value = self.node(node, env);
        self.depth -= 1;
        match node.kind() {
            Kind::Null | Kind::Scalar(_) => value,
            _ => self.affordable(value, span),
        }
    }

    /// A value that is not too large. Parts may be shared, so that a few lines stand for more than fits anywhere; all
    /// that later goes through a value costs no more than was taken off the budget for it here.
    pub fn affordable(&mut self, value: Value, span: Span) -> Value {
        let size = size(&value, MAX_SIZE.min(self.steps));
        self.steps -= size.min(self.steps);
        if size < MAX_SIZE && self.steps > 0 {
            return value;
        }
        unknown(Unknown::NotEvaluated("an expression this large".into()), span)
    }

    fn node(&mut self, node: NodeRef<'w>, env: Env<'_>) -> Value {
        let span = node.span();
        match node.kind() {
            Kind::Null => Sourced::new(Data::Null, Origin::literal(span)),
            Kind::Scalar(_) => Sourced::new(scalar(node), Origin::literal(span)),
            Kind::Sequence(_) => {
                let items = node.items().map(|item| self.evaluate(item, env)).collect();
                Sourced::new(Data::List(items), Origin::literal(span))
            }
            Kind::Mapping(_) => self.object(node, env),
            Kind::Expr(expression) => self.expression(expression, node, env),
            Kind::Block { .. } | Kind::Alias(_) => {
                unknown(Unknown::NotEvaluated("a block in the place of a value".into()), span)
            }
        }
    }

    fn object(&mut self, node: NodeRef<'w>, env: Env<'_>) -> Value {
        let mut entries = Vec::new();
        for (key, value) in node.entries() {
            let name = match key.as_str() {
                Some(name) => name.into(),
                None => match self.evaluate(key, env) {
                    Sourced { value: Resolved::Unknown(why), .. } => return unknown(why, node.span()),
                    Sourced { value: Resolved::Known(data), .. } => match data.to_text() {
                        Some(name) => name,
                        None => return unknown(Unknown::NotEvaluated("a computed key".into()), node.span()),
                    },
                },
            };
            entries.push(Entry { name, key: Some(key.span()), value: self.evaluate(value, env) });
        }
        Sourced::new(Data::Object(entries.into()), Origin::literal(node.span()))
    }

    fn expression(&mut self, expression: &'w Expr, node: NodeRef<'w>, env: Env<'_>) -> Value {
        let span = node.span();
        match expression {
            Expr::Variable(_) | Expr::Attribute { .. } | Expr::Index { .. } => self.traversal(node, env),
            Expr::Element => self.follow(ELEMENT, &[], env, node),
            Expr::Splat { base, each } => self.splat(node.other(*base), node.other(*each), node, env),
            Expr::Template(parts) => match &**parts {
                // A lone interpolation is the value itself, whatever its type.
                [part] if !matches!(node.other(*part).kind(), Kind::Scalar(_)) && !is_directive(node.other(*part)) => {
                    self.evaluate(node.other(*part), env)
                }
                parts => self.template_text(parts, node, env),
            },
            Expr::TemplateIf { .. } | Expr::TemplateFor { .. } => {
                let pieces = self.pieces(node, env);
                assemble(pieces, Origin::new(How::Computed, span), &mut self.texts)
            }
            Expr::Call { name, arguments, expand } => {
                let arguments: Vec<_> = arguments.iter().map(|id| node.other(*id)).collect();
                self.call(name, &arguments, *expand, node, env)
            }
            Expr::Conditional { condition, then, otherwise } => {
                self.conditional(node.other(*condition), [*then, *otherwise].map(|id| node.other(id)), env)
            }
            Expr::Unary { operator, operand } => {
                let operand = self.evaluate(node.other(*operand), env);
                computed(operand, span, |data| match (&**operator, data) {
                    ("-", data) => data.to_number().map(|number| Data::Number(-number)),
                    (_, data) => data.to_boolean().map(|boolean| Data::Boolean(!boolean)),
                })
            }
            Expr::Binary { operator, left, right } => {
                self.binary(operator, [*left, *right].map(|id| node.other(id)), span, env)
            }
            Expr::For { key, value, collection, result_key, result, condition, group } => {
                let collection = self.evaluate(node.other(*collection), env);
                let names = Names { key: key.as_deref(), value };
                let parts = Comprehension { names, result_key: *result_key, result: *result, condition: *condition };
                self.comprehension(&parts, &collection, *group, node, env)
            }
        }
    }

    /// A text with interpolations in it.
    fn template_text(&mut self, parts: &'w [NodeId], node: NodeRef<'w>, env: Env<'_>) -> Value {
        let (mut pieces, mut origins) = (Vec::new(), Vec::new());
        for part in parts.iter().map(|part| node.other(*part)) {
            if matches!(part.kind(), Kind::Scalar(_)) || is_directive(part) {
                pieces.extend(self.pieces(part, env));
            } else {
                let value = self.evaluate(part, env);
                pieces.extend(text_pieces(&value));
                origins.push(value.origin);
            }
        }
        assemble(pieces, Origin::computed(node.span(), &origins), &mut self.texts)
    }

    /// A chain such as `a.b[0].c`, down to what it begins with.
    fn traversal(&mut self, node: NodeRef<'w>, env: Env<'_>) -> Value {
        let mut steps = Vec::new();
        let mut base = node;
        while let Kind::Expr(expression) = base.kind() {
            match &**expression {
                Expr::Attribute { base: inner, name } => {
                    steps.push(Step::Name(name));
                    base = base.other(*inner);
                }
                Expr::Index { base: inner, index } => {
                    steps.push(Step::Index(base.other(*index)));
                    base = base.other(*inner);
                }
                Expr::Variable(root) => {
                    steps.reverse();
                    return self.follow(root, &steps, env, node);
                }
                Expr::Element => {
                    steps.reverse();
                    return self.follow(ELEMENT, &steps, env, node);
                }
                _ => break,
            }
        }
        steps.reverse();
        let value = self.evaluate(base, env);
        self.project(value, &steps, env, node)
    }

    fn splat(&mut self, base: NodeRef<'w>, each: NodeRef<'w>, node: NodeRef<'w>, env: Env<'_>) -> Value {
        let base = self.evaluate(base, env);
        let items = match base.known() {
            None => return base,
            Some(Data::Null) => Vec::new(),
            Some(Data::List(items)) => items.to_vec(),
            Some(_) => vec![base.clone()],
        };
        let items = items.iter().map(|item| self.evaluate(each, env.with(&env.bind(ELEMENT, item)))).collect();
        Sourced::new(Data::List(items), Origin::new(How::Computed, node.span()))
    }

    fn conditional(&mut self, condition: NodeRef<'w>, branches: [NodeRef<'w>; 2], env: Env<'_>) -> Value {
        let decided = self.evaluate(condition, env);
        match decided.known().map(Data::to_boolean) {
            Some(Some(true)) => self.evaluate(branches[0], env),
            Some(Some(false)) => self.evaluate(branches[1], env),
            _ => {
                let [then, otherwise] = branches.map(|branch| self.evaluate(branch, env));
                if then.known().is_some() && then.value == otherwise.value {
                    return then;
                }
                unknown(reason(&decided), condition.span())
            }
        }
    }

    fn binary(&mut self, operator: &str, sides: [NodeRef<'w>; 2], span: Span, env: Env<'_>) -> Value {
        let left = self.evaluate(sides[0], env);
        let short = match (operator, left.known().and_then(Data::to_boolean)) {
            ("&&", Some(false)) => Some(false),
            ("||", Some(true)) => Some(true),
            _ => None,
        };
        if let Some(decided) = short {
            return Sourced::new(Data::Boolean(decided), Origin::new(How::Computed, span));
        }
        let right = self.evaluate(sides[1], env);
        let origin = Origin::computed(span, [&left.origin, &right.origin]);
        let result = match operator {
            "&&" | "||" => {
                let boolean = |value: &Value| value.known().and_then(Data::to_boolean);
                match (operator, boolean(&left), boolean(&right)) {
                    ("&&", _, Some(false)) => Some(Data::Boolean(false)),
                    ("||", _, Some(true)) => Some(Data::Boolean(true)),
                    (_, Some(_), Some(right)) => Some(Data::Boolean(right)),
                    _ => None,
                }
            }
            "==" | "!=" => equal(&left, &right).map(|equal| Data::Boolean(equal == (operator == "=="))),
            _ => {
                let number = |value: &Value| value.known().and_then(Data::to_number);
                number(&left).zip(number(&right)).and_then(|(left, right)| arithmetic(operator, left, right))
            }
        };
        match result {
            Some(data) => Sourced::new(data, origin),
            None => {
                let side = if left.known().is_some_and(|data| data.to_text().is_some()) { &right } else { &left };
                Sourced::unknown(reason(side), origin)
            }
        }
    }

    fn comprehension(
        &mut self,
        parts: &Comprehension<'_>,
        collection: &Value,
        group: bool,
        node: NodeRef<'w>,
        env: Env<'_>,
    ) -> Value {
        let Some(pairs) = pairs(collection) else { return unknown(reason(collection), node.span()) };
        let (mut items, mut entries) = (Vec::new(), Vec::new());
        for (key, value) in &pairs {
            let outer = env.bind(parts.names.key.unwrap_or(NO_NAME), key);
            let inner_env = env.with(&outer);
            let inner = inner_env.bind(parts.names.value, value);
            let inner_env = inner_env.with(&inner);
            if let Some(condition) = parts.condition {
                let decided = self.evaluate(node.other(condition), inner_env);
                match decided.known().map(Data::to_boolean) {
                    Some(Some(true)) => {}
                    Some(Some(false)) => continue,
                    _ => return unknown(reason(&decided), node.span()),
                }
            }
            let result = self.evaluate(node.other(parts.result), inner_env);
            let Some(result_key) = parts.result_key else {
                items.push(result);
                continue;
            };
            let name = self.evaluate(node.other(result_key), inner_env);
            match name.known().and_then(Data::to_text) {
                // The key is written where the collection has it, if it comes from there.
                Some(text) => entries.push(Entry { name: text, key: name.origin.written_at(), value: result }),
                None => return unknown(reason(&name), node.span()),
            }
        }
        let computed = |data| Sourced::new(data, Origin::new(How::Computed, node.span()));
        if parts.result_key.is_none() {
            return computed(Data::List(items.into()));
        }
        if group {
            let groups = grouped(entries.into_iter().map(|entry| (entry.name, entry.value))).into_iter();
            let entry =
                |(name, items): (_, Vec<_>)| Entry { name, key: None, value: computed(Data::List(items.into())) };
            return computed(Data::Object(groups.map(entry).collect()));
        }
        computed(Data::Object(entries.into()))
    }

    /// What a part of a template adds to the text.
    pub(super) fn pieces(&mut self, part: NodeRef<'w>, env: Env<'_>) -> Vec<Part> {
        let Kind::Expr(expression) = part.kind() else {
            return match part.as_str() {
                Some(text) => vec![Part::Text(text.into())],
                None => text_pieces(&self.evaluate(part, env)),
            };
        };
        match &**expression {
            Expr::Template(parts) => parts.iter().flat_map(|inner| self.pieces(part.other(*inner), env)).collect(),
            Expr::TemplateIf { condition, then, otherwise } => {
                let decided = self.evaluate(part.other(*condition), env);
                match decided.known().map(Data::to_boolean) {
                    Some(Some(true)) => self.pieces(part.other(*then), env),
                    Some(Some(false)) => {
                        otherwise.map_or_else(Vec::new, |otherwise| self.pieces(part.other(otherwise), env))
                    }
                    _ => vec![Part::Unknown(reason(&decided))],
                }
            }
            Expr::TemplateFor { key, value, collection, body } => {
                let collection = self.evaluate(part.other(*collection), env);
                let Some(pairs) = pairs(&collection) else { return vec![Part::Unknown(reason(&collection))] };
                let mut pieces = Vec::new();
                for (bound_key, bound_value) in &pairs {
                    let outer = env.bind(key.as_deref().unwrap_or(NO_NAME), bound_key);
                    let inner_env = env.with(&outer);
                    let inner = inner_env.bind(value, bound_value);
                    pieces.extend(self.pieces(part.other(*body), inner_env.with(&inner)));
                }
                pieces
            }
            _ => text_pieces(&self.evaluate(part, env)),
        }
    }
}

/// What a key is bound to that a `for` does not name: no identifier reads like it.
const NO_NAME: &str = "\0";

struct Names<'n> {
    key: Option<&'n str>,
    value: &'n str,
}

struct Comprehension<'n> {
    names: Names<'n>,
    result_key: Option<NodeId>,
    result: NodeId,
    condition: Option<NodeId>,
}

/// How many values there are within a list or object, up to a limit.
fn size(value: &Value, limit: usize) -> usize {
    let mut count = 0;
    let mut waiting = vec![value];
    while let Some(value) = waiting.pop().filter(|_| count < limit) {
        match value.known() {
            Some(Data::List(items)) => {
                count += items.len();
                waiting.extend(items.iter().take(limit));
            }
            Some(Data::Object(entries)) => {
                count += entries.len();
                waiting.extend(entries.iter().map(|entry| &entry.value).take(limit));
            }
            _ => {}
        }
    }
    count
}

fn is_directive(node: NodeRef<'_>) -> bool {
    match node.kind() {
        Kind::Expr(expression) => matches!(**expression, Expr::TemplateIf { .. } | Expr::TemplateFor { .. }),
        _ => false,
    }
}

/// Numbers and booleans are written without quotes; a heredoc is a text.
fn scalar(node: NodeRef<'_>) -> Data {
    let text = node.as_str().unwrap_or_default();
    if node.node().style != Style::Plain {
        return Data::Text(text.into());
    }
    match text {
        "true" => Data::Boolean(true),
        "false" => Data::Boolean(false),
        _ => text.parse().map_or_else(|_| Data::Text(text.into()), Data::Number),
    }
}

/// Why a value that is needed as a plain one is not known.
pub(super) fn reason(value: &Value) -> Unknown {
    match &value.value {
        Resolved::Unknown(why) => why.clone(),
        Resolved::Known(data) => data
            .why_open()
            .unwrap_or_else(|| Unknown::Invalid(format!("{} where another type is due", data.kind()).into())),
    }
}

/// A value computed from another by the expression at a place; `None`: the type does not fit.
pub(super) fn computed(value: Value, span: Span, compute: impl FnOnce(&Data) -> Option<Data>) -> Value {
    let origin = Origin::computed(span, [&value.origin]);
    match value.known().and_then(compute) {
        Some(data) => Sourced::new(data, origin),
        None => Sourced::unknown(reason(&value), origin),
    }
}

/// Keys and values of an object; indexes and values of a list. `None` for everything else.
pub(super) fn pairs(value: &Value) -> Option<Vec<(Value, Value)>> {
    match value.known()? {
        Data::List(items) => Some(
            items
                .iter()
                .enumerate()
                .map(|(index, item)| (Sourced::new(Data::Number(index as f64), item.origin.clone()), item.clone()))
                .collect(),
        ),
        Data::Object(entries) => {
            // Of equal keys the last counts, and Terraform goes through them in order.
            let sorted: BTreeMap<&str, &Entry> = entries.iter().map(|entry| (&*entry.name, entry)).collect();
            let pair = |entry: &Entry| {
                let origin = entry.key.map_or(Origin::new(How::Computed, None), Origin::literal);
                (Sourced::new(Data::Text(entry.name.clone()), origin), entry.value.clone())
            };
            Some(sorted.into_values().map(pair).collect())
        }
        _ => None,
    }
}

/// Whether two values are equal, where that can be told.
pub(super) fn equal(left_value: &Value, right_value: &Value) -> Option<bool> {
    match (left_value.known()?, right_value.known()?) {
        (Data::Null, Data::Null) => Some(true),
        (Data::Reference(_) | Data::Template(_), _) | (_, Data::Reference(_) | Data::Template(_)) => None,
        (Data::Null, _) | (_, Data::Null) => Some(false),
        (Data::List(left), Data::List(right)) => {
            if left.len() != right.len() {
                return Some(false);
            }
            all_equal(left.iter().zip(right.iter()).map(|(left, right)| equal(left, right)))
        }
        (Data::Object(_), Data::Object(_)) => {
            let (left, right) = (pairs(left_value)?, pairs(right_value)?);
            if left.len() != right.len() {
                return Some(false);
            }
            let same = |((name, one), (other_name, other)): (&(Value, Value), &(Value, Value))| {
                if name.known() == other_name.known() { equal(one, other) } else { Some(false) }
            };
            all_equal(left.iter().zip(&right).map(same))
        }
        (Data::List(_) | Data::Object(_), _) | (_, Data::List(_) | Data::Object(_)) => Some(false),
        (left, right) if std::mem::discriminant(left) == std::mem::discriminant(right) => Some(left == right),
        // Values of two types are not equal to Terraform, but which type a value has is not always known here: that of
        // an attribute is in its provider's schema.
        (left, right) => {
            if left.to_text() == right.to_text() {
                None
            } else {
                Some(false)
            }
        }
    }
}

/// Whether all pairs are equal: one that is not decides, one that cannot be told leaves it open.
fn all_equal(mut pairs: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    pairs
        .try_fold(Some(true), |all, pair| match pair {
            Some(false) => Err(()),
            Some(true) => Ok(all),
            None => Ok(None),
        })
        .unwrap_or(Some(false))
}

fn arithmetic(operator: &str, left: f64, right: f64) -> Option<Data> {
    let number = match operator {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" => left / right,
        "%" => left % right,
        "<" => return Some(Data::Boolean(left < right)),
        "<=" => return Some(Data::Boolean(left <= right)),
        ">" => return Some(Data::Boolean(left > right)),
        ">=" => return Some(Data::Boolean(left >= right)),
        _ => return None,
    };
    number.is_finite().then_some(Data::Number(number))
}
