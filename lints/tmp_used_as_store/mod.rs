//! `tmp-used-as-store`: a function, or a container that is started on demand, keeps data in its instance's own files.

use crate::fix::{Proposal, Sketch};
use crate::lint::{Category, Context, FixAvailability, Level, Lint, by_place};
use crate::model::local_store::{Ground, Kept, LocalStore};
use crate::model::{Platform, Workload};
use crate::source::Span;

/// See `README.md` beside this file.
pub static LINT: Lint = Lint {
    id: "tmp-used-as-store",
    category: Category::State,
    level: Level::Warning,
    summary: "A function, or a container that is started on demand, keeps data in its instance's own files.",
    since: "0.1.0",
    fix: FixAvailability::Sketch,
    options: &[],
    page: include_str!("README.md"),
    check,
};

fn check(cx: &mut Context) {
    let architecture = cx.architecture;
    let stores = architecture.workloads().flat_map(|workload| {
        let stores = workload.local_stores().into_iter();
        stores.map(move |store| (store.value.origin.written_at().unwrap_or(workload.span()), (workload, store)))
    });
    for (place, cases) in by_place(stores.collect::<Vec<_>>()) {
        report(cx, place, &cases);
    }
}

/// What the files mean for the data.
fn level(store: &LocalStore) -> Level {
    match (store.kept, store.ground) {
        // Neither can do without writing.
        (Kept::Sessions | Kept::Uploads, Ground::ReadOnly) => Level::Error,
        // Temporary files may be all that is meant: an upload is passed on, a database was fetched to be read.
        (Kept::Uploads, Ground::Temporary) | (Kept::DatabaseFile, _) => Level::Advice,
        _ => Level::Warning,
    }
}

fn report(cx: &mut Context, place: Span, cases: &[(&Workload, LocalStore)]) {
    let Some((workload, store)) = cases.first() else { return };
    let name = workload.label();
    let kept = match store.kept {
        Kept::Sqlite => "a SQLite database",
        Kept::Database | Kept::DatabaseFile => "a database file",
        Kept::Sessions => "sessions",
        Kept::Uploads => "uploads",
    };
    let ground = match store.ground {
        Ground::Temporary => "in `/tmp`",
        Ground::ReadOnly => "beside its code, where it cannot write",
        Ground::Instance => "in its instance's own files",
    };
    let message = match store.variable {
        Some(variable) => format!("`{name}` keeps {kept} {ground}: `{variable}`"),
        None => format!("`{name}` keeps {kept} {ground}"),
    };
    let label = match store.ground {
        Ground::ReadOnly => "no instance can write here",
        _ => "each instance has files of its own, which end with it",
    };
    let finding = cx.report(workload, place, label, message).level(level(store)).trace(store.value);
    for (other, _) in cases.iter().skip(1) {
        finding.label(other.span(), format!("so does `{}`", other.label()));
    }
    finding.why(match store.ground {
        Ground::ReadOnly => {
            "the directory with the code is read-only: every write fails; functions can have state, but outside of their instances"
        }
        _ => {
            "two requests may meet two instances, each with data of its own, and what an instance has written is gone when the platform stops it; functions and containers can have state, but outside of their instances"
        }
    });
    finding.help(match workload.platform {
        Platform::AwsLambda => "keep it in DynamoDB, RDS or S3, or in a file system mounted below `/mnt`",
        Platform::CloudRun | Platform::GoogleFunctions1 | Platform::GoogleFunctions2 => {
            "keep it in Cloud SQL, Firestore or a bucket; Cloud Run also mounts `gcs` and `nfs` volumes"
        }
        Platform::AzureContainerApps | Platform::AzureFunctions => {
            "keep it in a managed database or a storage account, or mount an Azure Files volume"
        }
        _ => "keep it in a database or an object store, or mount a volume that stays",
    });
    let title = match workload.platform {
        Platform::AwsLambda => "keep the files in a bucket",
        Platform::CloudRun => "keep the files in a bucket that is mounted in their place",
        _ => return,
    };
    // A database needs a server, and what several keep in one directory may be anything.
    if cases.len() == 1 && matches!(store.kept, Kept::Uploads | Kept::Sessions) {
        finding.propose(Proposal::sketch(title, Sketch::FileStore(workload.id, place)));
    }
}
