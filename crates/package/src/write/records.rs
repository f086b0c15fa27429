//! `exhibit/manifest.json`: from plan and digests to canonical bytes.

use serde_json::Value;

use super::copy::Digests;
use super::error::PackageError;
use super::plan::{Item, PackagePlan, PayloadFile};
use crate::manifest::{self, FORMAT, Manifest, NUMBER_MAX};

/// A payload file with its place in the bag and its digests.
pub(super) struct Placed<'a> {
    pub(super) path: String,
    pub(super) file: &'a PayloadFile,
    pub(super) digests: Digests,
}

/// The manifest of a plan whose files were written; `placed` holds them by item and in the plan's order.
pub(super) fn manifest(plan: &PackagePlan, placed: &[Vec<Placed<'_>>]) -> Manifest {
    Manifest {
        format: FORMAT.to_owned(),
        created: plan.created.to_string(),
        tool: plan.tool.clone(),
        case: plan.case.clone(),
        authority: plan.authority.clone(),
        scope: plan.scope.clone(),
        handling: plan.handling.clone(),
        items: plan.items.iter().zip(placed).map(|(item, files)| item_of(item, files)).collect(),
        custody: plan.custody.clone(),
        limits: plan.limits.clone(),
    }
}

fn item_of(item: &Item, placed: &[Placed<'_>]) -> manifest::Item {
    let file = |placed: &Placed<'_>| manifest::File {
        path: placed.path.clone(),
        role: placed.file.role,
        original_name: placed.file.name.clone(),
        size: placed.file.source.size(),
        sha256: placed.digests.sha256.clone(),
    };
    manifest::Item { id: item.id.clone(), medium: item.medium.clone(), files: placed.iter().map(file).collect() }
}

/// The canonical bytes (RFC 8785).
///
/// # Errors
/// If a number in it is too large to survive: the canonical form would silently round it.
pub(super) fn canonical(manifest: &Manifest) -> Result<Vec<u8>, PackageError> {
    let value = serde_json::to_value(manifest).map_err(|error| PackageError::record("the manifest", error))?;
    refuse_rounding(&value)?;
    serde_json_canonicalizer::to_vec(&value).map_err(|error| PackageError::record("the manifest", error))
}

fn refuse_rounding(value: &Value) -> Result<(), PackageError> {
    let mut left = vec![value];
    while let Some(value) = left.pop() {
        match value {
            Value::Array(values) => left.extend(values),
            Value::Object(values) => left.extend(values.values()),
            Value::Number(number) => {
                let whole = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
                if whole.is_some_and(|whole| whole > NUMBER_MAX) {
                    let rule = "write numbers beyond 2^53 - 1 as text";
                    return Err(PackageError::limit(format!("manifest: {number} would be rounded; {rule}")));
                }
            }
            Value::Null | Value::Bool(_) | Value::String(_) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_that_the_canonical_form_would_round_are_refused_wherever_they_stand() {
        refuse_rounding(
            &json!({"a": [9_007_199_254_740_991_u64, -9_007_199_254_740_991_i64, 0.5, "9007199254740993"]}),
        )
        .unwrap();
        for bad in [json!([{"a": 9_007_199_254_740_992_u64}]), json!(i64::MIN), json!(u64::MAX)] {
            assert!(refuse_rounding(&bad).is_err(), "{bad}");
        }
    }
}
