//! APIs that a template describes in OpenAPI, in itself or in a file beside it.

use super::files;
use super::lower::Lowering;
use crate::frontends::aws::{apply_endpoint, invoked, routes};
use crate::frontends::json_text::json_document;
use crate::frontends::resource::Resource;
use crate::frontends::triggers::always_on;
use crate::model::{Gateway, TriggerKind};
use crate::value::{Value, View};

impl Lowering<'_> {
    /// The functions that answer requests to an API, by its description.
    pub(super) fn described_api(&mut self, resource: &Resource, gateway: Gateway) {
        let Some(definition) = self.api_definition(resource) else { return };
        let endpoint = super::api::endpoint_type(resource.view());
        for mut route in routes(View::new(&definition, resource.span), gateway, resource.span) {
            self.integrate(route.integration(resource, self.unit, endpoint));
            let named = route.http.gateway == Gateway::Authorizer || route.may_be_function();
            if !named || !super::api::calls_function(self, &route.uri) {
                continue;
            }
            if route.http.gateway == Gateway::RestApi {
                apply_endpoint(&mut route.http, endpoint, "EndpointConfiguration");
            }
            self.trigger(route.span, invoked(&route.uri), always_on(), TriggerKind::Http(route.http));
        }
    }

    fn api_definition(&mut self, resource: &Resource) -> Option<Value> {
        let view = resource.view();
        let written = view.first(&["DefinitionBody", "Body"]);
        if written.is_present() {
            return json_document(written, resource.span);
        }
        let path = view.first(&files::DEFINITION_PATHS).known_text().filter(|path| files::is_local(path))?;
        let definition = files::data(self.workspace, resource.span.file, &path);
        definition.map_err(|why| self.remark(resource.span, &format!("the API `{}`", resource.label), &why)).ok()
    }
}
