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

/// The addresses of exports. A reference to one of them leads out of its unit.
pub mod exported {
    /// A parameter of the SSM parameter store.
    pub fn parameter(name: &str) -> String {
        format!("ssm:{name}")
    }

    /// An output of a stack or in a state.
    pub fn output(of: &str, name: &str) -> String {
        format!("output:{of}#{name}")
    }

    /// Something of a type that goes by its name on the platform.
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
        address.starts_with("ssm:") || address.starts_with("output:")
    }
}
