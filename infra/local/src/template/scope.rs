//! Everything that a value in the template can refer to.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    TemplateError, World,
    document::Document,
    node::{Fields, Known},
    parameter,
    place::Place,
    resource::{Kind, Resource},
};

/// Everything that a value in the template can refer to.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    pub(super) world: &'a World,
    pub(super) parameters: BTreeMap<String, Value>,
    pub(super) conditions: Map<String, Value>,
    pub(super) function_globals: Map<String, Value>,
    resources: BTreeMap<String, Resource>,
}

impl<'a> Scope<'a> {
    /// The resources of `document` whose conditions hold in `world`, and its parameters with their values there.
    pub(super) fn new(document: Document, world: &'a World) -> Result<Self, TemplateError> {
        let mut scope = Self {
            world,
            parameters: parameter::values(&document.parameters, &world.parameters)?,
            conditions: document.conditions,
            function_globals: document.function_globals,
            resources: BTreeMap::new(),
        };
        for (id, resource) in document.resources {
            let exists = match &resource.condition {
                None => true,
                Some(name) => {
                    let place = Place::section("Resources").key(&id).key("Condition");
                    scope.condition(name, &place)?
                }
            };
            if exists {
                scope.resources.insert(id, resource);
            }
        }
        Ok(scope)
    }

    /// The resource called `id`.
    pub(super) fn resource(&self, id: &str) -> Option<&Resource> {
        self.resources.get(id)
    }

    /// The resources of `kind`, by their logical ids.
    pub(super) fn all(&self, kind: Kind) -> impl Iterator<Item = &Resource> {
        self.resources
            .values()
            .filter(move |resource| resource.kind == kind)
    }

    /// Reads each resource of `kind` with `read`, in the order of logical ids.
    pub(super) fn read_all<T>(
        &self,
        kind: Kind,
        read: impl Fn(&Self, &Resource) -> Result<T, TemplateError>,
    ) -> Result<Vec<T>, TemplateError> {
        self.all(kind)
            .map(|resource| read(self, resource))
            .collect()
    }

    /// The resource of `kind` whose ARN is `arn`.
    pub(super) fn by_arn(
        &self,
        kind: Kind,
        arn: &str,
        place: &Place,
    ) -> Result<&Resource, TemplateError> {
        for resource in self.all(kind) {
            if self.arn(resource, place)? == arn {
                return Ok(resource);
            }
        }
        Err(place.unresolved(arn))
    }

    /// The resolved properties of `resource` that `known` names as used.
    pub(super) fn fields(
        &self,
        resource: &Resource,
        known: &Known,
    ) -> Result<Fields, TemplateError> {
        self.resolve_fields(&resource.properties, &resource.place(), known)
    }

    /// The resolved values of those `properties` that `known` names as used. What it ignores is not even resolved.
    pub(super) fn resolve_fields(
        &self,
        properties: &Map<String, Value>,
        place: &Place,
        known: &Known,
    ) -> Result<Fields, TemplateError> {
        let mut values = Map::new();
        for (name, raw) in properties {
            let place = place.key(name);
            if !known.uses(name, &place)? {
                continue;
            }
            if let Some(value) = self.resolve(raw, &place)? {
                values.insert(name.clone(), value);
            }
        }
        Ok(Fields::new(values, place.clone()))
    }
}
