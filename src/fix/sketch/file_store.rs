//! A bucket for files that would end with their instance: mounted where the platform mounts one, else beside the code.

use super::aws::Grant;
use super::dead_letter::into;
use super::google;
use super::site::{Declaration, Site};
use super::stack::{Stack, Type, service_file};
use super::{Desk, Draft};
use crate::fix::New;
use crate::fix::operation::Operation;
use crate::model::local_store::{Kept, LocalStore};
use crate::model::{Platform, Workload};
use crate::source::Span;
use crate::value::Data;

const BUCKET: Type = ["aws_s3_bucket", "AWS::S3::Bucket"];
/// What the function does with the files.
const USES: &[&str] = &["s3:GetObject", "s3:PutObject", "s3:DeleteObject"];
/// Gives each function a role of its own, which has nothing of what the provider's role may.
const OWN_ROLES: &str = "serverless-iam-roles-per-function";

pub(super) fn of(desk: Desk<'_>, workload: &Workload, place: Span) -> Result<Draft, String> {
    let mut stores = workload.local_stores().into_iter();
    let store = stores.find(|store| store.value.origin.written_at() == Some(place)).ok_or("it is not there")?;
    let what = match store.kept {
        Kept::Uploads => ["uploads", "Uploads"],
        Kept::Sessions => ["sessions", "Sessions"],
        _ => return Err("a bucket is no place for a database".into()),
    };
    let site = Site::of(desk, &workload.identity)?;
    match workload.platform {
        Platform::AwsLambda => beside_function(desk, site, workload, &store, what),
        Platform::CloudRun => {
            let directory = match store.value.known() {
                Some(Data::Text(text)) => text.trim_end_matches('/'),
                _ => return Err("its directory is put together".into()),
            };
            google::mounted_bucket(&site, directory, place, what[0])
        }
        _ => Err("a bucket is only written for AWS Lambda and Cloud Run".into()),
    }
}

/// A bucket that the function may use, and a variable that names it.
fn beside_function(
    desk: Desk<'_>,
    site: Site<'_>,
    workload: &Workload,
    store: &LocalStore<'_>,
    what: [&'static str; 2],
) -> Result<Draft, String> {
    let variable = store.variable.ok_or("no variable says where they are")?;
    let stem = variable.rsplit_once('_').map_or(variable, |(stem, _)| stem);
    let variable = format!("{stem}_BUCKET");
    if workload.environment.iter().any(|one| *one.name == *variable) {
        return Err(format!("it has a `{variable}` already"));
    }
    let mut stack = Stack::beside(site)?;
    let name = stack.name(BUCKET, what);
    let bucket = stack.get(BUCKET, &name, ["bucket", ""]);
    let (object, path): (_, [&str; 3]) = match (site.declaration, site.kind()) {
        (Declaration::Block, "aws_lambda_function") => (site.node, ["environment", "variables", &variable]),
        (Declaration::Member, "AWS::Lambda::Function" | "AWS::Serverless::Function") => {
            (site.body(), ["Environment", "Variables", &variable])
        }
        (Declaration::Function, _) => (site.node, ["", "environment", &variable]),
        (_, kind) => return Err(format!("how `{kind}` gets a variable is not known")),
    };
    let path: Vec<&str> = path.into_iter().filter(|key| !key.is_empty()).collect();
    stack.also(into(&site, object, &path, bucket)?);
    stack.add(BUCKET, &name, Vec::new());
    let files = match stack.is_hcl() {
        true => New::Raw(format!("\"${{{}.{name}.arn}}/*\"", BUCKET[0])),
        false => stack.substituted(&format!("${{{name}.Arn}}/*")),
    };
    let is_granted = match site.declaration {
        Declaration::Function => match in_service(desk, &site, (USES, files)) {
            Some(operation) => {
                stack.also(operation);
                true
            }
            None => false,
        },
        _ => stack.grant([what[0], &format!("Use{}", what[1])], vec![(USES, files)]),
    };
    let mut draft = Draft::default();
    draft.remarks.push(format!("let the code use it by `{variable}`"));
    if !is_granted {
        draft.remarks.push("let its role read and write there".into());
    }
    draft.operations = stack.finish()?;
    Ok(draft)
}

/// One more thing that the functions of a service may do; `None` where it is not known what says that.
fn in_service(desk: Desk<'_>, site: &Site<'_>, (actions, resource): Grant) -> Option<Operation> {
    let source = service_file(site)?;
    let root = desk.workspace.file(source).filter(|file| file.tree.errors.is_empty())?.tree.documents().next()?;
    let plugins = root.get("plugins").into_iter().flat_map(|plugins| plugins.items().chain([plugins]));
    let has_own_roles = plugins.filter_map(|plugin| plugin.as_str()).any(|plugin| plugin == OWN_ROLES);
    if has_own_roles || site.node.get("role").is_some() {
        return None;
    }
    let provider = root.get("provider").filter(|provider| provider.is_mapping())?;
    let statement = New::object([
        ("Effect", New::text("Allow")),
        ("Action", New::List(actions.iter().map(|action| New::text(*action)).collect())),
        ("Resource", resource),
    ]);
    let present = provider.get("iamRoleStatements").or_else(|| provider.at(&["iam", "role", "statements"]));
    match present {
        Some(list) => {
            list.is_sequence().then(|| Operation::Push { at: list.span(), list: list.id(), items: vec![statement] })
        }
        None => into(site, provider, &["iam", "role", "statements"], New::List(vec![statement])).ok(),
    }
}
