//! The resources of AWS that sketches are made of: queues, roles, policies.

use super::CHANGE_ME;
use super::copy::entries;
use super::site::{Declaration, Site};
use super::stack::{Stack, Type};
use crate::fix::New;
use crate::tree::NodeRef;

pub(super) const QUEUE: Type = ["aws_sqs_queue", "AWS::SQS::Queue"];
pub(super) const FUNCTION: Type = ["aws_lambda_function", "AWS::Lambda::Function"];
pub(super) const ROLE: Type = ["aws_iam_role", "AWS::IAM::Role"];
pub(super) const CLUSTER: Type = ["aws_ecs_cluster", "AWS::ECS::Cluster"];
pub(super) const TASK: Type = ["aws_ecs_task_definition", "AWS::ECS::TaskDefinition"];
pub(super) const SERVICE: Type = ["aws_ecs_service", "AWS::ECS::Service"];
pub(super) const SCHEDULE: Type = ["aws_scheduler_schedule", "AWS::Scheduler::Schedule"];
pub(super) const MAPPING: Type = ["aws_lambda_event_source_mapping", "AWS::Lambda::EventSourceMapping"];
pub(super) const INVOKE_CONFIG: Type = ["aws_lambda_function_event_invoke_config", "AWS::Lambda::EventInvokeConfig"];
const ROLE_POLICY: Type = ["aws_iam_role_policy", "AWS::IAM::Policy"];
const EXECUTION_POLICY: &str = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
/// Seconds that a queue for failed events keeps them: the most there is, two weeks.
const RETENTION: u64 = 1_209_600;

/// What a statement allows, and on what.
pub(super) type Grant = (&'static [&'static str], New);

impl Stack<'_> {
    /// The ARN of a resource that is written here.
    pub fn arn(&self, types: Type, name: &str) -> New {
        self.get(types, name, ["arn", if types == TASK { "" } else { "Arn" }])
    }

    /// A queue that keeps what failed for as long as queues keep anything; its name.
    pub fn failure_queue(&mut self, suffixes: [&str; 2]) -> String {
        let name = self.name(QUEUE, suffixes);
        let mut body = self.named(QUEUE, "Name", &name);
        body.push((self.either("MessageRetentionSeconds", "MessageRetentionPeriod").into(), New::Number(RETENTION)));
        self.add(QUEUE, &name, body);
        name
    }

    /// A document of JSON: an object, which Terraform wants as a text.
    pub fn json(&self, value: New) -> New {
        match self.is_hcl() {
            true => New::Call { function: "jsonencode", argument: Box::new(value) },
            false => value,
        }
    }

    /// A policy that allows things.
    fn policy(&self, grants: Vec<Grant>) -> New {
        let statement = |(actions, resource): Grant| {
            let action = match actions {
                [only] => New::text(*only),
                actions => New::List(actions.iter().map(|action| New::text(*action)).collect()),
            };
            New::object([("Effect", New::text("Allow")), ("Action", action), ("Resource", resource)])
        };
        self.document(grants.into_iter().map(statement).collect())
    }

    fn document(&self, statements: Vec<New>) -> New {
        self.json(New::object([("Version", New::text("2012-10-17")), ("Statement", New::List(statements))]))
    }

    /// A role that a service of AWS takes; its name.
    pub fn role(&mut self, suffixes: [&str; 2], service: &str, grants: Vec<Grant>) -> String {
        let name = self.name(ROLE, suffixes);
        let trust = self.document(vec![New::object([
            ("Effect", New::text("Allow")),
            ("Principal", New::object([("Service", New::text(service))])),
            ("Action", New::text("sts:AssumeRole")),
        ])]);
        if self.is_hcl() {
            let mut body = self.named(ROLE, "Name", &name);
            body.push(("AssumeRolePolicy".into(), trust));
            self.add(ROLE, &name, body);
            if !grants.is_empty() {
                let body = entries([("Role", self.get(ROLE, &name, ["id", ""])), ("Policy", self.policy(grants))]);
                self.add(ROLE_POLICY, &name, body);
            }
            return name;
        }
        let mut body = entries([("AssumeRolePolicyDocument", trust)]);
        if !grants.is_empty() {
            let policy = New::object([("PolicyName", New::text(suffixes[0])), ("PolicyDocument", self.policy(grants))]);
            body.push(("Policies".into(), New::List(vec![policy])));
        }
        self.add(ROLE, &name, body);
        name
    }

    /// The role that fetches images and writes logs for tasks; its name.
    pub fn execution_role(&mut self) -> String {
        let name = self.role(["execution", "ExecutionRole"], "ecs-tasks.amazonaws.com", Vec::new());
        match self.is_hcl() {
            true => {
                let role = self.get(ROLE, &name, ["name", ""]);
                let body = entries([("Role", role), ("PolicyArn", New::text(EXECUTION_POLICY))]);
                self.add(["aws_iam_role_policy_attachment", ""], &name, body);
            }
            false => self.extend(&name, "ManagedPolicyArns", New::List(vec![New::text(EXECUTION_POLICY)])),
        }
        name
    }

    /// Lets the role of a function do something more; `false` where its role is not known.
    pub fn grant(&mut self, suffixes: [&str; 2], grants: Vec<Grant>) -> bool {
        let Some(role) = self.role_name() else { return false };
        let name = self.name(ROLE_POLICY, suffixes);
        let policy = self.policy(grants);
        let body = match self.is_hcl() {
            true => entries([("Role", role), ("Policy", policy)]),
            false => entries([
                ("PolicyName", New::text(suffixes[0])),
                ("Roles", New::List(vec![role])),
                ("PolicyDocument", policy),
            ]),
        };
        self.add(ROLE_POLICY, &name, body);
        true
    }

    /// The name of the role of the function at hand, if it is declared beside it.
    fn role_name(&self) -> Option<New> {
        let site = &self.site;
        let role = site.body().get("role").or_else(|| site.body().get("Role"));
        match site.declaration {
            Declaration::Block => {
                let role = role?.slice();
                let (kind, rest) = role.split_once('.')?;
                let (label, attribute) = rest.split_once('.')?;
                let is_role = kind == "aws_iam_role" && attribute == "arn" && is_word(label);
                is_role.then(|| New::Raw(format!("aws_iam_role.{label}.id")))
            }
            Declaration::Member if role.is_none() && site.kind() == "AWS::Serverless::Function" => {
                Some(self.reference(&format!("{}Role", site.label()), ""))
            }
            Declaration::Member => {
                let name = attribute_of(role?, "Arn")?;
                Some(self.reference(&name, ""))
            }
            _ => None,
        }
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-".contains(letter))
}

/// The logical id in `!GetAtt Name.Arn` and its long form.
pub(super) fn attribute_of(node: NodeRef<'_>, attribute: &str) -> Option<String> {
    let parts = |node: NodeRef<'_>| -> Option<(String, String)> {
        if let Some(text) = node.as_str() {
            let (name, attribute) = text.split_once('.')?;
            return Some((name.to_string(), attribute.to_string()));
        }
        let mut items = node.items().filter_map(NodeRef::as_str);
        Some((items.next()?.to_string(), items.next()?.to_string()))
    };
    let written = match node.tag() {
        Some("!GetAtt") => node,
        Some(_) => return None,
        None => node.get("Fn::GetAtt")?,
    };
    parts(written).filter(|(_, got)| got == attribute).map(|(name, _)| name)
}

/// The logical id in `!Ref Name` and its long form.
pub(super) fn referred(node: NodeRef<'_>) -> Option<&str> {
    match node.tag() {
        Some("!Ref") => node.as_str(),
        Some(_) => None,
        None => node.get("Ref").and_then(NodeRef::as_str),
    }
}

/// The address of something that nobody knows.
pub(super) fn to_fill_in() -> New {
    New::text(CHANGE_ME)
}

/// The name by which the function at hand is called in its own language.
pub(super) fn function_name(stack: &Stack<'_>, site: &Site<'_>, address: &str) -> New {
    match site.declaration {
        Declaration::Block => New::Raw(format!("{}.{}.function_name", site.kind(), site.label())),
        Declaration::Function => stack.reference(address, ""),
        _ => stack.reference(site.label(), ""),
    }
}
