//! What a unit hands on to others under a name: parameters, outputs, exports of stacks.

use crate::value::Value;
use std::sync::Arc;

/// A value under a name that other units may read it by.
#[derive(Debug)]
pub struct Export {
    /// One of [`exported`].
    pub address: Arc<str>,
    /// What is handed on.
    pub value: Value,
}

/// The addresses of exports. A reference to one of them leads out of its unit; its attribute is the region that it is
/// read from, where that is said.
pub mod exported {
    use crate::value::{Data, Part, Reference, Value};

    /// What stands between the pieces of a name.
    pub const SEPARATORS: [char; 5] = ['-', ':', '/', '_', '.'];

    /// A parameter of the SSM parameter store.
    pub fn parameter(name: &str) -> String {
        format!("ssm:{name}")
    }

    /// An output in a state.
    pub fn output(of: &str, name: &str) -> String {
        format!("output:{of}#{name}")
    }

    /// An output of a CloudFormation stack.
    pub fn stack_output(stack: &str, name: &str) -> String {
        format!("cf:{stack}.{name}")
    }

    /// What a CloudFormation stack exports for `Fn::ImportValue`. Of a name whose start is not known (`Fn::Sub
    /// "${AWS::StackName}-QueueArn"`) the end has to do. `None` where too little is known.
    pub fn import(name: &Value) -> Option<String> {
        match name.known()? {
            Data::Text(name) => Some(format!("import:{name}")),
            Data::Template(parts) => {
                let (end, start) = parts.split_last()?;
                let Part::Text(end) = end else { return None };
                let is_open = |part: &Part| match part {
                    Part::Text(text) => text.chars().all(|one| SEPARATORS.contains(&one)),
                    _ => true,
                };
                let starts_open = !matches!(start.first(), None | Some(Part::Text(_)));
                let is_name = end.starts_with(SEPARATORS) && end.len() > 2;
                (is_name && starts_open && start.iter().all(is_open)).then(|| format!("import:*{end}"))
            }
            _ => None,
        }
    }

    /// Whether an address is that of a parameter or of an export, which nobody writes but for others.
    pub fn is_offered(address: &str) -> bool {
        address.starts_with("ssm:") || address.starts_with("import:")
    }

    /// The name in an address that [`import`] made.
    pub fn stack_export(address: &str) -> Option<&str> {
        address.strip_prefix("import:")
    }

    /// The end of the name in such an address, where its start is not known.
    pub fn open_end(address: &str) -> Option<&str> {
        stack_export(address)?.strip_prefix('*')
    }

    /// Something of a type that goes by its name on the platform; a reference to it may have a region, too.
    pub fn thing(kind: &str, name: &str) -> String {
        format!("name:{kind}:{name}")
    }

    /// Type and name in an address that [`thing`] made.
    pub fn named(address: &str) -> Option<(&str, &str)> {
        address.strip_prefix("name:")?.split_once(':')
    }

    /// Whether an address is that of a parameter or an output: of which type the thing is that it holds, it does not
    /// say.
    pub fn is_handed_on(address: &str) -> bool {
        ["ssm:", "output:", "cf:", "import:"].iter().any(|kind| address.starts_with(kind))
    }

    /// The region that a reference to an export names.
    pub fn region(reference: &Reference) -> Option<&str> {
        Some(&*reference.attribute).filter(|region| !region.is_empty())
    }

    /// The name in an address, for people.
    pub fn spoken(address: &str) -> String {
        let name = address.split_once(':').map_or(address, |(_, name)| name);
        match address.split_once('#') {
            Some((_, output)) if address.starts_with("output:") => output.into(),
            _ if address.starts_with("cf:") => name.into(),
            _ => name.trim_start_matches(['*', '-', ':']).into(),
        }
    }
}
