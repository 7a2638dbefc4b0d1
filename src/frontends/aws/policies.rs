//! What roles allow: statements of policies in every spelling, the policies of a role, and the templates of SAM.

use crate::frontends::json_text::json_document;
use crate::frontends::resource::{Resource, Resources};
use crate::model::{Declarations, Permissions};
use crate::source::Span;
use crate::value::{Data, Value, View};
use std::collections::HashMap;
use std::sync::Arc;

/// Policies of AWS that let a function write its logs and traces, and join a network.
const HARMLESS: [&str; 8] = [
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AWSLambdaSQSQueueExecutionRole",
    "AWSLambdaKinesisExecutionRole",
    "AWSLambdaDynamoDBExecutionRole",
    "AWSXRayDaemonWriteAccess",
    "AWSXrayWriteOnlyAccess",
    "CloudWatchLambdaInsightsExecutionRolePolicy",
];

/// What a list of statements allows.
pub(crate) fn statements(list: View<'_>) -> Permissions {
    let mut permissions = Permissions::default();
    if list.is_unknown() || list.items().iter().any(|statement| statement.is_unknown()) {
        return Permissions::open();
    }
    for statement in list.items() {
        let effect = statement.first(&["Effect", "effect"]).known_text();
        let is_allowed = effect.as_deref().is_none_or(|effect| effect.eq_ignore_ascii_case("Allow"));
        let inverted = ["NotAction", "NotResource", "not_actions", "not_resources", "Fn::Transform"];
        if !is_allowed || inverted.iter().any(|key| statement.get(key).is_present()) {
            permissions.is_open = true;
            continue;
        }
        let actions = statement.first(&["Action", "actions", "action"]);
        let resources = statement.first(&["Resource", "resources", "resource"]);
        permissions.is_open |= actions.is_unknown();
        let texts = actions.items().into_iter().map(View::text).collect();
        // A single resource that is not known is a resource all the same.
        let resources = match resources.value() {
            Some(value) if value.known().is_none() => vec![value.clone()],
            _ => resources.items().into_iter().filter_map(|one| one.value().cloned()).collect(),
        };
        permissions.allow(texts, resources);
    }
    permissions
}

/// What a policy document allows: an object, JSON in a text, or a document that a data source of Terraform writes.
pub(crate) fn document(view: View<'_>, resources: &Resources, span: Span) -> Permissions {
    if view.is_absent() {
        return Permissions::default();
    }
    let written = resources.referred(view).filter(|data| &*data.kind == POLICY_DOCUMENT);
    if let Some(data) = written {
        let body = data.view();
        let mut permissions = statements(body.get("statement"));
        let sources = ["source_policy_documents", "override_policy_documents", "source_json", "override_json"];
        permissions.is_open |= sources.iter().any(|key| body.get(key).is_present());
        return permissions;
    }
    let Some(document) = json_document(view, span) else { return Permissions::open() };
    match document.known() {
        Some(Data::Object(_)) => statements(View::new(&document, span).get("Statement")),
        _ => Permissions::open(),
    }
}

/// The type that stands for a policy that Terraform writes out as a data source.
pub(crate) const POLICY_DOCUMENT: &str = "data.aws_iam_policy_document";

/// Whether a type is a role or a policy.
pub(crate) fn is_of_role(kind: &str) -> bool {
    matches!(
        kind,
        "AWS::IAM::Role"
            | "AWS::IAM::Policy"
            | "AWS::IAM::ManagedPolicy"
            | "AWS::IAM::RolePolicy"
            | "aws_iam_role"
            | "aws_iam_role_policy"
            | "aws_iam_policy"
            | "aws_iam_role_policy_attachment"
            | POLICY_DOCUMENT
    )
}

/// A policy by its name or ARN: one of AWS that allows nothing of interest, or one that may allow anything.
fn managed(policy: View<'_>, resources: &Resources) -> Permissions {
    let own = resources.referred(policy).filter(|one| is_of_role(&one.kind));
    if let Some(own) = own {
        return of_policy(own, resources);
    }
    let is_harmless = policy.value().and_then(tail).is_some_and(|text| {
        let name = text.rsplit('/').next().unwrap_or(&text);
        HARMLESS.contains(&name)
    });
    if is_harmless { Permissions::default() } else { Permissions::open() }
}

/// The known end of a text.
fn tail(value: &Value) -> Option<Arc<str>> {
    match value.known()? {
        Data::Text(text) => Some(text.clone()),
        Data::Template(parts) => match parts.last()? {
            crate::value::Part::Text(text) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn of_policy(policy: &Resource, resources: &Resources) -> Permissions {
    document(policy.view().first(&["PolicyDocument", "policy"]), resources, policy.span)
}

/// What a list of policies allows that are given by their names.
pub(crate) fn managed_policies(list: View<'_>, resources: &Resources) -> Permissions {
    let mut permissions = Permissions { is_open: list.is_unknown(), ..Permissions::default() };
    list.items().into_iter().for_each(|policy| permissions.add(managed(policy, resources)));
    permissions
}

/// What each role of a unit allows, by its address; of a role elsewhere nothing is known.
struct Roles<'r> {
    resources: &'r Resources,
    /// The policies that name a role, by the role's address.
    policies: HashMap<&'r str, Vec<Permissions>>,
}

impl<'r> Roles<'r> {
    /// The roles among the resources of a unit.
    pub fn of(resources: &'r Resources) -> Self {
        let mut roles = Self { resources, policies: HashMap::new() };
        for kind in ["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy", "aws_iam_role_policy"] {
            for policy in resources.of(kind) {
                for role in policy.view().first(&["Roles", "RoleName", "role"]).items() {
                    roles.attach(role, || of_policy(policy, resources));
                }
            }
        }
        for attachment in resources.of("aws_iam_role_policy_attachment") {
            let view = attachment.view();
            roles.attach(view.get("role"), || managed(view.get("policy_arn"), resources));
        }
        roles
    }

    fn attach(&mut self, role: View<'_>, permissions: impl FnOnce() -> Permissions) {
        if let Some(role) = self.resources.referred(role) {
            self.policies.entry(&role.address).or_default().push(permissions());
        }
    }

    /// What a role allows that is declared in the unit.
    fn allowed(&mut self, role: &'r Resource) -> Permissions {
        let view = role.view();
        let mut permissions = Permissions::default();
        for policy in view.first(&["Policies", "inline_policy"]).items() {
            permissions.add(document(policy.first(&["PolicyDocument", "policy"]), self.resources, role.span));
        }
        permissions.is_open |= view.get("Policies").is_unknown();
        let attached = view.first(&["ManagedPolicyArns", "managed_policy_arns"]);
        permissions.add(managed_policies(attached, self.resources));
        self.policies.remove(&*role.address).into_iter().flatten().for_each(|policy| permissions.add(policy));
        permissions
    }
}

/// Gives every function whose role is declared beside it what that role allows, unless others have the role as well.
pub(super) fn join(resources: &Resources, declarations: &mut Declarations) {
    let mut roles = Roles::of(resources);
    let mut users: HashMap<&str, (&Resource, Vec<usize>)> = HashMap::new();
    for (at, workload) in declarations.workloads.iter().enumerate() {
        let role = workload.function.as_ref().and_then(|function| function.role.as_ref());
        let role = role.and_then(|role| resources.referred(View::new(role, None)));
        if let Some(role) = role.filter(|role| is_of_role(&role.kind)) {
            users.entry(&role.address).or_insert_with(|| (role, Vec::new())).1.push(at);
        }
    }
    for (role, users) in users.into_values() {
        let ([only], permissions) = (&users[..], roles.allowed(role)) else { continue };
        let function = declarations.workloads.get_mut(*only).and_then(|workload| workload.function.as_mut());
        if let Some(function) = function {
            function.permissions = permissions;
        }
    }
}

/// `Policies` of a function in SAM: names, documents, and templates with what they are for.
pub(crate) fn sam_policies(view: View<'_>, resources: &Resources, span: Span) -> Permissions {
    let mut permissions = Permissions { is_open: view.is_unknown(), ..Permissions::default() };
    for policy in view.items() {
        if policy.get("Statement").is_present() {
            permissions.add(document(policy, resources, span));
            continue;
        }
        let entries = policy.entries();
        let [(entry, settings)] = &entries[..] else {
            permissions.add(managed(policy, resources));
            continue;
        };
        let (actions, named): (&[&str], &str) = match &*entry.name {
            "S3WritePolicy" => (&["s3:PutObject"], "BucketName"),
            "S3ReadPolicy" => (&["s3:GetObject"], "BucketName"),
            // Chosen for the sake of reading and deleting as well: no sign of a write.
            "S3CrudPolicy" | "S3FullAccessPolicy" => (&["s3:*"], "BucketName"),
            "SQSSendMessagePolicy" => (&["sqs:SendMessage"], "QueueName"),
            "SQSPollerPolicy" => (&["sqs:ReceiveMessage"], "QueueName"),
            "SNSPublishMessagePolicy" => (&["sns:Publish"], "TopicName"),
            name if name.ends_with("Policy") => continue,
            _ => {
                permissions.is_open = true;
                continue;
            }
        };
        let text = |action: &&str| {
            let origin = crate::value::Origin::new(crate::value::How::Literal, entry.key);
            crate::value::Sourced::new(Some(Arc::from(*action)), origin)
        };
        let resource = settings.get(named).value().cloned().into_iter().collect();
        permissions.allow(actions.iter().map(text).collect(), resource);
    }
    permissions
}
