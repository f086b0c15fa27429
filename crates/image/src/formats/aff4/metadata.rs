//! What an image says about the case, the disk and its acquisition.

use super::graph::{Graph, Value};

/// Properties of the image itself, and the names under which they are told.
const OF_IMAGE: &[(&str, &str)] = &[
    ("acquisitionCompletionState", "completion"),
    ("blockSize", "bytes_per_sector"),
    ("sectorCount", "sectors"),
    ("diskMake", "make"),
    ("diskModel", "model"),
    ("diskSerial", "serial"),
    ("diskFirmware", "firmware"),
    ("diskInterfaceType", "interface"),
    ("diskDeviceName", "device"),
    ("diskDeviceType", "device_type"),
    ("diskPartitionTableType", "partition_table"),
];

/// Properties of nodes that point to the image.
const OF_NOTES: &[(&str, &str)] = &[
    ("caseName", "case_name"),
    ("caseDescription", "description"),
    ("caseNumber", "case_number"),
    ("evidenceNumber", "evidence_number"),
    ("examiner", "examiner"),
    ("notes", "notes"),
    ("timestamp", "notes_time"),
    ("startTime", "acquisition_started"),
    ("endTime", "acquisition_finished"),
    ("operation", "operation"),
    ("timeSource", "time_source"),
    ("operatingSystem", "operating_system"),
];

/// Values told at most, so that a hostile file cannot fill a screen.
const VALUES_MAX: usize = 200;

/// Keys and values, as written; the same pair once.
pub(super) fn read(graph: &Graph, image: &str) -> Vec<(&'static str, String)> {
    let mut told: Vec<(&'static str, String)> = Vec::new();
    let mut tell = |subject: &str, wanted: &'static [(&'static str, &'static str)]| {
        for (property, key) in wanted {
            for text in graph.all(subject, property).filter_map(Value::text).filter(|text| !text.is_empty()) {
                let new = !told.iter().any(|(k, value)| k == key && value == text);
                if new && told.len() < VALUES_MAX {
                    told.push((key, text.to_owned()));
                }
            }
        }
    };
    let points_here = |subject: &&str| image.is_empty() || graph.iri(subject, "target") == Some(image);
    for kind in ["CaseDetails", "CaseNotes", "TimeStamps"] {
        graph.of_type(kind).filter(points_here).for_each(|subject| tell(subject, OF_NOTES));
    }
    tell(image, OF_IMAGE);
    told
}
