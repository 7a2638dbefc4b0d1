//! Virtual machines of every cloud: what their first boot runs. Called by the frontends of clouds with the attribute that
//! holds a script, a `#cloud-config` document, or a declaration of containers.

use crate::frontends::kubernetes::yaml_text;
use crate::model::command::{GAP, SoleContainer, packages_are_for_containers, sole_image, takes_its_state_along};
use crate::source::Span;
use crate::value::{Data, Part, Value, View};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The one container that a script or `#cloud-config` runs, beside nothing else; `place` is the attribute's name.
pub(crate) fn booted(script: View<'_>, place: Option<Span>) -> Option<SoleContainer> {
    let span = place.or(script.span())?;
    let text = plain(script.value()?)?.trim_start().to_string();
    let image = match text.starts_with("#cloud-config") {
        true => sole_image(&commands(text, span)?)?,
        false => sole_image(text.strip_prefix("#!").map(|_| text.as_str())?)?,
    };
    Some(SoleContainer::new(image, span))
}

/// The one container of a declaration that Container-Optimized OS takes.
pub(crate) fn declared(declaration: View<'_>, place: Option<Span>) -> Option<SoleContainer> {
    let span = place.or(declaration.span())?;
    let document = match declaration.value()?.known()? {
        Data::Object(_) => declaration.value()?.clone(),
        Data::Text(text) => yaml_text(text.clone(), span, false)?,
        _ => return None,
    };
    let containers = View::new(&document, span).at(&["spec", "containers"]).items();
    let [container] = containers.as_slice() else { return None };
    let is_bound = ["volumeMounts", "securityContext"].iter().any(|key| container.get(key).is_present());
    let image = container.get("image").known_text().filter(|image| !is_bound && !takes_its_state_along(image))?;
    Some(SoleContainer::new(image, span))
}

/// The text of a script, decoded if it is encoded, with marks for what is not known.
fn plain(value: &Value) -> Option<String> {
    match value.known()? {
        Data::Text(text) if text.trim_start().starts_with('#') => Some(text.to_string()),
        Data::Text(text) => {
            let decoded = STANDARD.decode(text.trim()).ok()?;
            String::from_utf8(decoded).ok()
        }
        Data::Template(parts) => Some(
            parts
                .iter()
                .map(|part| match part {
                    Part::Text(text) => text.to_string(),
                    Part::Reference(_) | Part::Unknown(_) => GAP.to_string(),
                })
                .collect(),
        ),
        _ => None,
    }
}

/// The commands of a `#cloud-config` document that says nothing else of weight.
fn commands(text: String, span: Span) -> Option<String> {
    let document = yaml_text(text.into(), span, false)?;
    let view = View::new(&document, span);
    let mut lines = String::new();
    for (entry, section) in view.entries() {
        match &*entry.name {
            "package_update" | "package_upgrade" | "package_reboot_if_required" | "groups" | "timezone" | "output" => {}
            "packages" => {
                let names: Vec<_> = section.items().into_iter().map(View::known_text).collect::<Option<_>>()?;
                packages_are_for_containers(names.iter().map(AsRef::as_ref)).then_some(())?;
            }
            "runcmd" => {
                for command in section.items() {
                    let words: Vec<_> = command.items().into_iter().map(View::known_text).collect::<Option<_>>()?;
                    let is_list = matches!(command.value()?.known()?, Data::List(_));
                    let spelt = |word: &str| if is_list { format!("'{word}' ") } else { word.to_string() };
                    lines.extend(words.iter().map(|word| spelt(word)));
                    lines.push('\n');
                }
            }
            _ => return None,
        }
    }
    Some(lines)
}
