//! What texts say of things on a platform: ARNs, queue URLs, plain names. Called by [`super::index`].

use crate::model::{BackingKind, ClusterKind, Platform};
use crate::value::Part;

/// Stands for a piece of a text that is not known. No name on a platform has this character.
const GAP: char = '\u{1a}';

/// What sort of thing a name belongs to: an SNS topic and an SQS queue of one name are two things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Sort {
    /// Whatever runs.
    Workload,
    /// What runs on one platform.
    On(Platform),
    /// SQS.
    Queue,
    /// A version or alias of a function.
    Alias,
    /// A claim on storage.
    Claim,
    /// A Kubernetes cluster.
    Cluster(ClusterKind),
    /// A topic, stream, table, bucket, database or cluster.
    Backing(BackingKind),
}

impl Sort {
    /// Whether something of this sort may stand where the other one is due.
    pub fn is_a(self, due: Self) -> bool {
        self == due
            || matches!((self, due), (Self::On(_), Self::Workload) | (Self::On(Platform::AwsLambda), Self::Alias))
    }

    /// The sort of a type of resource that data sources look up.
    pub fn of_type(kind: &str) -> Option<Self> {
        match kind {
            "aws_sqs_queue" => Some(Self::Queue),
            "aws_lambda_function" => Some(Self::On(Platform::AwsLambda)),
            _ => BackingKind::of_type(kind).map(Self::Backing),
        }
    }

    /// The sort that an ARN says it is of, however much of its name is known.
    pub fn of_arn(text: &str) -> Option<Self> {
        let pieces: Vec<&str> = text.strip_prefix("arn:")?.splitn(5, ':').collect();
        let is_cluster = pieces.get(4).is_some_and(|resource| resource.starts_with("cluster/"));
        match *pieces.get(1)? {
            "ecs" | "eks" if is_cluster => Some(Self::Backing(BackingKind::Cluster)),
            "rds" => Some(Self::Backing(BackingKind::Database)),
            "sqs" => Some(Self::Queue),
            "sns" => Some(Self::Backing(BackingKind::SnsTopic)),
            "kinesis" => Some(Self::Backing(BackingKind::KinesisStream)),
            "dynamodb" => Some(Self::Backing(BackingKind::DynamoDbTable)),
            "s3" => Some(Self::Backing(BackingKind::S3Bucket)),
            "lambda" => Some(Self::On(Platform::AwsLambda)),
            "ecs" => Some(Self::On(Platform::AwsEcs)),
            "batch" => Some(Self::On(Platform::AwsBatch)),
            _ => None,
        }
    }
}

/// What a text names.
#[derive(Debug, PartialEq)]
pub(super) struct Name<'t> {
    /// What sort of thing, where the text says so.
    pub sort: Option<Sort>,
    /// The region, where it is known.
    pub region: Option<&'t str>,
    /// The account, where it is known.
    pub account: Option<&'t str>,
    /// The name.
    pub name: &'t str,
}

impl<'t> Name<'t> {
    /// A name of a known sort.
    pub fn of(sort: Sort, name: &'t str, region: Option<&'t str>) -> Self {
        Self { sort: Some(sort), region: region.filter(is_region), account: None, name }
    }

    /// Reads a text; `None` where it does not name one thing.
    pub fn read(text: &'t str) -> Option<Self> {
        // How API Gateway spells the function that it calls.
        let text = match text.split_once("/functions/arn:") {
            Some((before, _)) => &text[before.len() + "/functions/".len()..],
            None => text,
        };
        let text = text.strip_suffix("/invocations").unwrap_or(text);
        let name = if text.starts_with("arn:") {
            Self::of_arn(text)?
        } else if let Some(rest) = text.strip_prefix("https://") {
            Self::of_url(rest)?
        } else {
            Self { sort: None, region: None, account: None, name: plain_name(text)? }
        };
        let is_whole = !name.name.is_empty() && !name.name.contains([GAP, '*', '$', '{', '<']);
        is_whole.then_some(name)
    }

    /// `arn:partition:service:region:account:resource`
    fn of_arn(text: &'t str) -> Option<Self> {
        let pieces: Vec<&str> = text.splitn(6, ':').collect();
        let [_, _, service, region, account, resource] = pieces.as_slice() else { return None };
        let sort = Sort::of_arn(text);
        let within = |prefix: &str| resource.strip_prefix(prefix).and_then(|rest| rest.split([':', '/']).next());
        let name = match *service {
            "sqs" if !resource.contains([':', '/']) => resource,
            "sns" | "s3" => resource.split([':', '/']).next()?,
            "kinesis" => within("stream/")?,
            "dynamodb" => within("table/")?,
            "lambda" => within("function:")?,
            "ecs" | "eks" if resource.starts_with("cluster/") => within("cluster/")?,
            "rds" => within("db:").or_else(|| within("cluster:"))?,
            "ecs" => match resource.strip_prefix("service/") {
                Some(service) => service.rsplit('/').next()?,
                None => within("task-definition/")?,
            },
            "batch" => within("job-definition/")?,
            service if service.contains(GAP) => resource.rsplit([':', '/']).next()?,
            _ => return None,
        };
        Some(Self { sort, region: Some(*region).filter(is_region), account: Some(*account).filter(is_account), name })
    }

    /// `sqs.region.amazonaws.com/account/name`
    fn of_url(rest: &'t str) -> Option<Self> {
        let (host, path) = rest.split_once('/')?;
        let (account, name) = path.split_once('/')?;
        let is_queue = host.contains(".amazonaws.") && (host.starts_with("sqs.") || host.contains("queue."));
        if !is_queue || name.contains('/') {
            return None;
        }
        let region = host.split('.').find(is_region);
        Some(Self { sort: Some(Sort::Queue), region, account: Some(account).filter(is_account), name })
    }
}

/// The name in a text that is neither ARN nor URL: a name, what Lambda takes as one (`name:alias`,
/// `account:function:name`), a path that ends in one, or the known end of a text whose start is not known.
fn plain_name(text: &str) -> Option<&str> {
    if let Some((_, end)) = text.rsplit_once(GAP) {
        return end.strip_prefix([':', '/'])?.rsplit([':', '/']).next();
    }
    let function = text.split_once("function:").map(|(_, function)| function);
    if let Some(name) = function {
        return name.split(':').next();
    }
    match text.rsplit_once('/') {
        Some((_, name)) => Some(name),
        None => text.split(':').next(),
    }
}

/// `eu-west-1`, as against a placeholder or something that is not known.
fn is_region(text: &&str) -> bool {
    text.split('-').count() >= 3
        && text.ends_with(|last: char| last.is_ascii_digit())
        && text.chars().all(|one| one == '-' || one.is_ascii_alphanumeric())
}

/// Twelve digits.
fn is_account(text: &&str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A text with its unknown pieces marked, so that the known ones keep their places.
pub(super) fn with_gaps(parts: &[Part]) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Text(known) => text.push_str(known),
            Part::Reference(_) | Part::Unknown(_) => text.push(GAP),
        }
    }
    text
}

/// Whether the piece at a place of a template is a whole word of it: `${queue.name}` in an ARN is, and
/// `${database.address}` in `postgres://app:secret@${database.address}:5432/app?ssl` or `Host=${database.address};..`; in
/// `${queue.name}-failed` it is a part of another name.
pub(super) fn is_whole(parts: &[Part], at: usize) -> bool {
    let is_separator =
        |one: Option<char>| one.is_some_and(|one| matches!(one, ':' | '/' | '@' | '=' | ';' | ',' | '?' | ' '));
    let before = match at.checked_sub(1).and_then(|before| parts.get(before)) {
        Some(Part::Text(text)) => is_separator(text.chars().next_back()),
        Some(_) => false,
        None => true,
    };
    let behind = match parts.get(at + 1) {
        Some(Part::Text(text)) => is_separator(text.chars().next()),
        Some(_) => false,
        None => true,
    };
    before && behind
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(Option<Sort>, Option<&str>, &str)> {
        Name::read(text).map(|name| (name.sort, name.region, name.name))
    }

    #[test]
    fn arns_and_urls_say_what_they_name() {
        let queue = Some(Sort::Queue);
        assert_eq!(read("arn:aws:sqs:eu-west-1:111122223333:jobs"), Some((queue, Some("eu-west-1"), "jobs")));
        assert_eq!(read("arn:aws:sqs:*:*:jobs"), Some((queue, None, "jobs")));
        assert_eq!(read("arn:aws:sqs:eu-west-1:111122223333:*"), None);
        assert_eq!(read("https://sqs.eu-west-1.amazonaws.com/1/jobs"), Some((queue, Some("eu-west-1"), "jobs")));
        assert_eq!(read("https://example.com/1/jobs"), None);
        let table = Some(Sort::Backing(BackingKind::DynamoDbTable));
        let stream = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/stream/2020-01-01T00:00:00.000";
        assert_eq!(read(stream), Some((table, Some("eu-west-1"), "orders")));
        assert_eq!(read("arn:aws:iam::111122223333:role/jobs"), None);
        let function = Some(Sort::On(Platform::AwsLambda));
        assert_eq!(read("arn:aws:lambda:eu-west-1:1:function:work:live"), Some((function, Some("eu-west-1"), "work")));
        let called = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:1:function:\
                      work/invocations";
        assert_eq!(read(called), Some((function, Some("eu-west-1"), "work")));
    }

    #[test]
    fn plain_names_are_names() {
        assert_eq!(read("work:live"), Some((None, None, "work")));
        assert_eq!(read("111122223333:function:work:live"), Some((None, None, "work")));
        assert_eq!(read("service/main/web"), Some((None, None, "web")));
        assert_eq!(read(""), None);
        assert_eq!(read("<queue>"), None);
    }
}
