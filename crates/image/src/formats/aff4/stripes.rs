//! Striped images: one medium over several volumes. Which files beside a volume belong to it is said by their own names
//! as volumes, never by their file names.

use exhibit_evidence::Source;

use super::graph::Value;
use super::layout::VOLUMES_MAX;
use super::volume::Volume;
use super::{volume_in_comment, volume_in_first_member};
use crate::{Beside, Ends, Part};

/// `first`, and every file beside it that is a volume on which its streams rest, or which holds a stripe of its image.
pub(super) fn gather(first: Part, beside: &dyn Beside) -> Vec<Part> {
    let own_name = first.name.clone();
    let Ok(own) = Volume::open(first.clone(), &mut Vec::new()) else { return vec![first] };
    let mut parts = vec![first];
    let stored = |urn: &str| own.graph.iri(urn, "stored").map(str::to_owned);
    let elsewhere: Vec<String> = own.graph.subjects().filter_map(stored).filter(|volume| *volume != own.urn).collect();
    let dependent = |map: &str| own.graph.all(map, "dependentStream").filter_map(Value::iri).collect::<Vec<_>>();
    let streams: Vec<&str> = own.graph.of_type("Map").flat_map(dependent).collect();
    let here = |urn: &&str| own.graph.is_a(urn, "ImageStream") && own.stores(urn);
    if elsewhere.is_empty() && streams.iter().all(here) {
        return parts;
    }
    let images: Vec<&str> = own.graph.of_type("Image").collect();
    let mut names = beside.names();
    names.sort_unstable();
    for name in names.into_iter().filter(|name| *name != own_name).take(VOLUMES_MAX) {
        let Some(source) = beside.open(&name) else { continue };
        if !is_volume(&*source) {
            continue;
        }
        let part = Part { name, source };
        let Ok(volume) = Volume::open(part.clone(), &mut Vec::new()) else { continue };
        let same_image = images.iter().any(|image| volume.graph.is_a(image, "Image"));
        let holds_stream =
            streams.iter().any(|stream| volume.graph.is_a(stream, "ImageStream") && volume.stores(stream));
        if volume.urn != own.urn && (elsewhere.contains(&volume.urn) || same_image || holds_stream) {
            parts.push(part);
        }
    }
    parts
}

fn is_volume(source: &dyn Source) -> bool {
    let ends = Ends::of(source);
    volume_in_comment(&ends.tail) || volume_in_first_member(&ends.head)
}
