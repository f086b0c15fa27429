//! Writing JSON in its one canonical form (RFC 8785), and making values fit for it.

use serde_json::{Map, Number, Value};

use crate::layout::{DEPTH_MAX, INTEGER_MAX};

/// Why a value has no canonical form here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalFault {
    /// A number that other readers would round.
    #[error("the number {0} is not an integer of at most 2^53 - 1; write it as a string")]
    Number(String),
    /// Arrays and objects in each other beyond the limit.
    #[error("nested more than {DEPTH_MAX} levels deep")]
    Depth,
    /// The serialiser refused.
    #[error("cannot be written as canonical JSON: {0}")]
    Other(String),
}

/// The canonical form of `value`, without a line feed.
///
/// # Errors
/// If it holds a number that is not an integer within ±(2^53 − 1), or is nested too deep: see [`sanitise`].
pub fn write(value: &Value) -> Result<Vec<u8>, CanonicalFault> {
    check(value, 0)?;
    serde_json_canonicalizer::to_vec(value).map_err(|error| CanonicalFault::Other(error.to_string()))
}

/// The same value with every number that could be rounded written as a decimal string instead.
///
/// Integers within ±(2^53 − 1) stay numbers; larger ones, fractions and exponents become the text of the number.
///
/// # Errors
/// [`CanonicalFault::Depth`] if it is nested more than [`DEPTH_MAX`] levels deep.
///
/// ```
/// # use exhibit_custody::canonical::sanitise;
/// # use serde_json::json;
/// let value = sanitise(json!({"size": 9_007_199_254_740_992_u64, "sectors": 7, "rate": 0.5})).unwrap();
/// assert_eq!(value, json!({"size": "9007199254740992", "sectors": 7, "rate": "0.5"}));
/// ```
pub fn sanitise(value: Value) -> Result<Value, CanonicalFault> {
    sanitise_at(value, 0)
}

/// As [`sanitise`], for the entries of an object.
///
/// # Errors
/// As [`sanitise`].
pub fn sanitise_map(map: Map<String, Value>) -> Result<Map<String, Value>, CanonicalFault> {
    map.into_iter().map(|(name, value)| Ok((name, sanitise_at(value, 1)?))).collect()
}

fn sanitise_at(value: Value, depth: usize) -> Result<Value, CanonicalFault> {
    let inside = depth.saturating_add(1);
    match value {
        Value::Number(number) if !is_safe(&number) => Ok(Value::String(number.to_string())),
        Value::Array(_) | Value::Object(_) if depth >= DEPTH_MAX => Err(CanonicalFault::Depth),
        Value::Array(values) => values.into_iter().map(|value| sanitise_at(value, inside)).collect(),
        Value::Object(map) => {
            let entries = map.into_iter().map(|(name, value)| Ok((name, sanitise_at(value, inside)?)));
            entries.collect::<Result<Map<_, _>, _>>().map(Value::Object)
        }
        other => Ok(other),
    }
}

/// Refuses what [`sanitise`] would have to change.
fn check(value: &Value, depth: usize) -> Result<(), CanonicalFault> {
    let inside = depth.saturating_add(1);
    match value {
        Value::Number(number) if !is_safe(number) => Err(CanonicalFault::Number(number.to_string())),
        Value::Array(_) | Value::Object(_) if depth >= DEPTH_MAX => Err(CanonicalFault::Depth),
        Value::Array(values) => values.iter().try_for_each(|value| check(value, inside)),
        Value::Object(map) => map.values().try_for_each(|value| check(value, inside)),
        _ => Ok(()),
    }
}

/// Whether every reader of JSON understands the number alike.
fn is_safe(number: &Number) -> bool {
    number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs)).is_some_and(|size| size <= INTEGER_MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::strict_json;

    fn written(value: &Value) -> String {
        String::from_utf8(write(value).unwrap()).unwrap()
    }

    #[test]
    fn names_are_ordered_by_utf_16_units_as_the_reference_vector_weird_shows() {
        let value = json!({
            "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh", "1": "One",
            "\u{1f602}": "Smiley", "\u{80}": "Control\u{7f}", "\u{f6}": "Latin Small Letter O With Diaeresis",
            "</script>": "Browser Challenge", "\n": "Newline"
        });
        let text = written(&value);
        let order = ["\\n", "\\r", "\"1\"", "</script>", "\u{80}", "\u{f6}", "\u{20ac}", "\u{1f602}", "\u{fb33}"];
        let places: Vec<usize> = order.iter().map(|name| text.find(name).unwrap()).collect();
        assert!(places.is_sorted(), "{places:?} in {text}");
    }

    #[test]
    fn strings_escape_only_what_they_must() {
        let value = json!("\u{8}\t\n\u{c}\r\"\\/\u{0}\u{1f}\u{7f}\u{2028}\u{e9}e\u{301}\u{ffff}");
        assert_eq!(written(&value), "\"\\b\\t\\n\\f\\r\\\"\\\\/\\u0000\\u001f\u{7f}\u{2028}\u{e9}e\u{301}\u{ffff}\"");
    }

    #[test]
    fn the_serialiser_writes_numbers_as_ecmascript_does() {
        // Our records hold integers only; the vectors are here to notice a change in the library underneath.
        for (number, text) in [
            (1e30, "1e+30"),
            (4.5, "4.5"),
            (1e-27, "1e-27"),
            (333_333_333.333_333_3, "333333333.3333333"),
            (-0.0, "0"),
            (2e-3, "0.002"),
            (9_007_199_254_740_991.0, "9007199254740991"),
        ] {
            assert_eq!(serde_json_canonicalizer::to_vec(&number).unwrap(), text.as_bytes());
        }
    }

    #[test]
    fn a_number_that_would_be_rounded_is_refused_by_the_writer_and_rescued_by_the_sanitiser() {
        for value in [json!(INTEGER_MAX + 1), json!(u64::MAX), json!(i64::MIN), json!(0.5), json!([{"a": 1e300}])] {
            assert!(matches!(write(&value), Err(CanonicalFault::Number(_))), "{value}");
            assert!(write(&sanitise(value).unwrap()).is_ok());
        }
        assert_eq!(sanitise(json!(u64::MAX)).unwrap(), json!("18446744073709551615"));
        assert_eq!(sanitise(json!(-9_007_199_254_740_991_i64)).unwrap(), json!(-9_007_199_254_740_991_i64));
    }

    #[test]
    fn nesting_beyond_the_limit_is_refused() {
        let nested = |depth: usize| (0..depth).fold(json!(0), |inner, _| json!([inner]));
        assert!(write(&nested(DEPTH_MAX)).is_ok());
        assert_eq!(write(&nested(DEPTH_MAX + 1)), Err(CanonicalFault::Depth));
        assert_eq!(sanitise(nested(DEPTH_MAX + 1)), Err(CanonicalFault::Depth));
    }

    /// Any value that fits in memory, also with numbers that must be rescued.
    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_the_same_value(value in any_value()) {
            let value = sanitise(value).unwrap();
            let bytes = write(&value).unwrap();
            prop_assert_eq!(strict_json::parse_canonical(&bytes, usize::MAX).unwrap(), value);
        }
    }
}
