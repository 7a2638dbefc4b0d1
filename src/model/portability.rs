//! What ties a workload to one provider: triggers that no other platform has, with what would take their place anywhere.

use super::{EventKind, Gateway, Platform, StreamKind, Trigger, TriggerKind, Workload};

/// A trigger that only one provider has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tie {
    /// What it is.
    pub name: &'static str,
    /// What does the same on any platform.
    pub counterpart: &'static str,
}

impl Trigger {
    /// What ties a workload to one provider that this sets off; `None` for requests, clocks, queues, topics and brokers,
    /// which every platform has in some form.
    pub fn tie(&self, workload: &Workload) -> Option<Tie> {
        let is_aws = matches!(workload.platform, Platform::AwsLambda | Platform::AwsEcs | Platform::AwsBatch);
        let (name, counterpart) = match &self.kind {
            TriggerKind::Http(http) => match http.gateway {
                Gateway::WebSocketApi => {
                    ("a WebSocket API of API Gateway", "WebSockets that a running service keeps open itself")
                }
                Gateway::AppSync => ("AppSync", "a GraphQL server behind plain HTTP"),
                Gateway::Authorizer => {
                    ("an authorizer of API Gateway", "tokens of OpenID Connect that the service checks")
                }
                _ => return None,
            },
            TriggerKind::Stream(stream) if stream.kind == StreamKind::DynamoDb => {
                ("a stream of DynamoDB", "changes that the writer puts into a queue or Kafka (outbox)")
            }
            TriggerKind::UserPool(_) => ("a trigger of Cognito", "an OpenID Connect provider and its HTTP hooks"),
            TriggerKind::Edge(_) => ("CloudFront", "a reverse proxy or middleware in front of the service"),
            TriggerKind::Orchestrator { .. } => (
                "a state machine of Step Functions",
                "a workflow engine that runs anywhere, or queues between the steps",
            ),
            TriggerKind::Event(EventKind::Bus) if is_aws => {
                ("a rule of EventBridge", "a topic of Kafka or NATS, or HTTP")
            }
            TriggerKind::Event(EventKind::Iot) => ("a rule of AWS IoT", "an MQTT broker"),
            TriggerKind::Event(EventKind::Log) if is_aws => {
                ("a subscription of CloudWatch Logs", "a log collector that sends HTTP")
            }
            _ => return None,
        };
        Some(Tie { name, counterpart })
    }
}
