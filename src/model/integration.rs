//! What a gateway does with the requests of a route, as far as it has settings of its own.

use super::{Gateway, Identity, Link, Workload};
use crate::facts::{Fact, aws};
use crate::value::Sourced;

/// The way from a route of a gateway to what answers, whether that is a workload or not.
#[derive(Debug)]
pub struct Integration {
    /// Who it is: the resource, the event, the operation.
    pub identity: Identity,
    /// The gateway.
    pub gateway: Gateway,
    /// Milliseconds after which the gateway gives up, as written; absent: what the platform says.
    pub timeout: Sourced<Option<u64>>,
    /// The endpoint type of a REST API; absent: edge-optimized.
    pub endpoint: Sourced<Option<Endpoint>>,
    /// The answer is streamed.
    pub is_streaming: Sourced<bool>,
    /// What answers, where it is a workload.
    pub target: Link<Workload>,
}

/// From where a REST API is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// Through CloudFront.
    Edge,
    /// In its region.
    Regional,
    /// In a private network.
    Private,
}

/// How long a gateway can be told to wait.
#[derive(Debug, Clone, Copy)]
pub struct Cap {
    /// What it accepts.
    pub most: &'static Fact,
    /// What it accepts once the account's quota is raised, where that is possible.
    pub with_quota: Option<&'static Fact>,
}

impl Integration {
    /// How long the gateway can be told to wait; `None` where that is not known.
    pub fn cap(&self) -> Option<Cap> {
        let fixed = |most| Some(Cap { most, with_quota: None });
        match self.gateway {
            Gateway::HttpApi => fixed(&aws::HTTP_API_TIMEOUT),
            Gateway::WebSocketApi => fixed(&aws::WEBSOCKET_API_TIMEOUT),
            Gateway::RestApi if *self.is_streaming.known()? => fixed(&aws::REST_API_STREAM_MAX),
            Gateway::RestApi => match self.endpoint.known()? {
                None | Some(Endpoint::Edge) => fixed(&aws::REST_API_TIMEOUT),
                Some(Endpoint::Regional | Endpoint::Private) => {
                    Some(Cap { most: &aws::REST_API_TIMEOUT, with_quota: Some(&aws::REST_API_TIMEOUT_MAX) })
                }
            },
            _ => None,
        }
    }
}
