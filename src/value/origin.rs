//! How a value came to be: a chain of steps from its use to where it is written.

use super::{Form, Slot};
use crate::facts::Fact;
use crate::source::Span;
use std::sync::Arc;

/// One step on the way from a value's definition to its use.
#[derive(Debug, Clone, PartialEq)]
pub enum How {
    /// Written here.
    Literal,
    /// Written in a text that stands here and is read as a document of its own.
    Within,
    /// Taken through a reference; the text is the reference as it reads (`var.timeout`, `${self:custom.timeout}`).
    Reference(Arc<str>),
    /// The default of the named variable or parameter.
    VariableDefault(Arc<str>),
    /// A file or an argument on the command line sets the named variable.
    VariableSet(Arc<str>),
    /// A caller passes it to the named variable of a module.
    ModuleArgument(Arc<str>),
    /// A named local value.
    Local(Arc<str>),
    /// Written once for many: the text names the place ("provider", "Globals.Function", "the pod template").
    Inherited(Arc<str>),
    /// Computed from parts by the expression at the place.
    Computed,
    /// Nobody wrote it; the platform's default applies to the block whose name the span covers.
    Platform(&'static Fact),
    /// Nobody wrote it, and nothing applies.
    Absent,
}

/// One step: how, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// How the value came to this place.
    pub how: How,
    /// The place; `None` for what stands in no file (command line, a platform default without a block).
    pub span: Option<Span>,
}

/// How a value came to be: the step nearest to its use first, the one where it is written last.
#[derive(Debug, Clone, PartialEq)]
pub struct Origin {
    pub(super) step: Step,
    pub(super) from: Option<Arc<Origin>>,
    /// How many steps are behind this one.
    pub(super) behind: u32,
    /// Where a value that nobody wrote would stand, or one that is inherited could be overridden.
    pub(super) slot: Option<Arc<Slot>>,
    /// What this value has taken the place of, and would give it back to.
    pub(super) beneath: Option<Arc<Origin>>,
}

/// More steps than this nobody reads, and each of them is a level when an origin is dropped.
pub(super) const MAX_STEPS: u32 = 100;

impl Origin {
    /// A single step.
    pub fn new(how: How, span: impl Into<Option<Span>>) -> Self {
        Self { step: Step { how, span: span.into() }, from: None, behind: 0, slot: None, beneath: None }
    }

    /// Written at a place.
    pub fn literal(span: Span) -> Self {
        Self::new(How::Literal, span)
    }

    /// Written at a place, or somewhere in a text that is a document of its own and stands at `text`.
    pub fn literal_or_within(span: Span, text: Option<Span>) -> Self {
        text.map_or(Self::literal(span), |text| Self::new(How::Within, text))
    }

    /// Computed by the expression at a place. What it was made of shows if that is one thing that stands elsewhere: of
    /// several no single one is what must change.
    pub fn computed<'o>(place: Span, operands: impl IntoIterator<Item = &'o Self>) -> Self {
        let stands_elsewhere =
            |operand: &&Self| operand.steps().any(|step| step.span.is_some_and(|span| !place.contains(span)));
        let mut operands = operands.into_iter().filter(stands_elsewhere);
        match operands.next() {
            Some(only) if operands.all(|other| other == only) => {
                // A part of the expression says no more than the whole.
                let mut from = only;
                while let (How::Computed, Some(span), Some(next)) = (&from.step.how, from.step.span, &from.from)
                    && place.contains(span)
                {
                    from = next;
                }
                from.clone().via(How::Computed, place)
            }
            _ => Self::new(How::Computed, place),
        }
    }

    /// This origin, reached by one more step that lies nearer to the use. Of a way without end the last steps are
    /// left out.
    pub fn via(self, how: How, span: impl Into<Option<Span>>) -> Self {
        if self.behind >= MAX_STEPS {
            return self;
        }
        let (behind, slot, beneath) = (self.behind + 1, self.slot.clone(), self.beneath.clone());
        Self { step: Step { how, span: span.into() }, from: Some(Arc::new(self)), behind, slot, beneath }
    }

    /// This origin of a value that could also be written at a place where nothing stands.
    pub fn with_slot(self, slot: impl Into<Option<Slot>>) -> Self {
        match slot.into() {
            Some(slot) => Self { slot: Some(Arc::new(slot)), ..self },
            None => self,
        }
    }

    /// Where nothing stands, and the value could: of one that is inherited, where it would be overridden.
    pub fn slot(&self) -> Option<&Slot> {
        self.slot.as_deref()
    }

    /// How the dialect writes the value.
    pub fn form(&self) -> Form {
        self.slot().map_or(Form::Plain, |slot| slot.form)
    }

    /// This origin under the name that its place has: a plain literal becomes "the default of `x`", "`local.x`".
    pub fn named(self, how: How, span: Span) -> Self {
        match (&self.step.how, &self.from) {
            (How::Literal, None) if self.step.span == Some(span) => Self::new(how, span),
            _ => self.via(how, span),
        }
    }

    /// The steps, nearest to the use first.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        std::iter::successors(Some(self), |origin| origin.from.as_deref()).map(|origin| &origin.step)
    }

    /// The place nearest to the use.
    pub fn site(&self) -> Option<Span> {
        self.steps().find_map(|step| step.span)
    }

    /// The place where the value is written, and so where it must be changed: of a computed one, the expression.
    pub fn written_at(&self) -> Option<Span> {
        let mut found = None;
        for step in self.steps() {
            found = step.span.or(found);
            if step.how == How::Computed && step.span.is_some() {
                break;
            }
        }
        found
    }

    /// Whether the value is written right where it is used, or inherited from there: not in a variable or something else
    /// that has a name of its own.
    pub fn is_at_its_use(&self) -> bool {
        !self.passes(|how| {
            matches!(
                how,
                How::Reference(_)
                    | How::VariableDefault(_)
                    | How::VariableSet(_)
                    | How::ModuleArgument(_)
                    | How::Local(_)
            )
        })
    }

    /// Whether somebody wrote the value, as against a default of the platform or nothing at all.
    pub fn is_written(&self) -> bool {
        !self.passes(|how| matches!(how, How::Platform(_) | How::Absent))
    }

    /// Whether a step of this kind is on the way.
    pub fn passes(&self, test: impl Fn(&How) -> bool) -> bool {
        self.steps().any(|step| test(&step.how))
    }
}
