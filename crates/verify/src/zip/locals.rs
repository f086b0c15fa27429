//! Local headers against the central directory, and every byte of the archive to exactly one structure.

use exhibit_evidence::{ReadFault, Source};

use super::Member;
use super::layout::{Common, DESCRIPTOR, EXTRA_UNICODE_PATH, Extras, Fields, IN_ZIP64, LOCAL_BYTES, parse_local};
use super::profile::{self, Deviations};
use crate::collect::Findings;
use crate::members::unreadable;

/// Checks all local headers, in the order in which they lie in the file, and that nothing lies between.
///
/// `end` is where the central directory begins. Sets `data_at` of each member, and `broken` where the data cannot be found.
pub(crate) fn check(
    source: &dyn Source,
    members: &mut [Member],
    end: u64,
    findings: &mut Findings,
    deviations: &mut Deviations,
) {
    if let Some(member) = members.iter().zip(members.iter().skip(1)).find(|(a, b)| a.local_at > b.local_at).map(|p| p.1)
    {
        let text = format!("{}: the directory lists members in another order than they lie in the file", member.name);
        deviations.archive(member.local_at, "archive", text);
    }
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_by_key(|&index| members.get(index).map_or(u64::MAX, |member| member.local_at));
    let mut cursor = 0_u64;
    for (position, &index) in order.iter().enumerate() {
        let next = order.get(position.saturating_add(1)).and_then(|&next| members.get(next));
        let next_at = next.map_or(end, |next| next.local_at);
        let Some(member) = members.get_mut(index) else { continue };
        if member.local_at < cursor {
            member.broken = true;
            let text = format!("overlaps what lies before it, which ends at {cursor}");
            findings.wrong_at(member.local_at, "zip-overlap", member.place(), text);
            continue;
        }
        gap(cursor, member.local_at, findings);
        cursor = match check_one(source, member, next_at, findings, deviations) {
            Ok(after) => after,
            Err(fault) => {
                member.broken = true;
                findings.push(unreadable(&member.place(), &fault));
                next_at
            }
        };
    }
    if cursor > end {
        let text = format!("the last member ends at {cursor}, inside the central directory");
        findings.wrong_at(end, "zip-overlap", "archive: central directory", text);
    }
    gap(cursor, end, findings);
}

/// Bytes that belong to nothing.
fn gap(from: u64, to: u64, findings: &mut Findings) {
    if from < to {
        let text = format!("{} bytes that belong to no member and no record", to - from);
        findings.wrong_at(from, "zip-unaccounted", "archive", text);
    }
}

/// Checks one local header and returns the offset after the member's data and descriptor.
fn check_one(
    source: &dyn Source,
    member: &mut Member,
    next_at: u64,
    findings: &mut Findings,
    deviations: &mut Deviations,
) -> Result<u64, ReadFault> {
    let place = member.place();
    let at = member.local_at;
    let mut wrong = |code: &str, text: String| findings.wrong_at(at, code, place.clone(), text);
    let mut fixed = [0; LOCAL_BYTES as usize];
    source.read_at(at, &mut fixed)?;
    let Some(header) = parse_local(&fixed) else {
        member.broken = true;
        wrong("zip-local", "there is no local header where the directory points".to_owned());
        return Ok(next_at);
    };
    let variable = usize::from(header.name_bytes).saturating_add(usize::from(header.extra_bytes));
    let mut rest = vec![0; variable];
    source.read_at(at.saturating_add(LOCAL_BYTES), &mut rest)?;
    let (name, extra) = rest.split_at_checked(usize::from(header.name_bytes)).unwrap_or_default();
    member.data_at = at.saturating_add(LOCAL_BYTES).saturating_add(variable as u64);
    let Some(extras) = Extras::parse(extra) else {
        member.broken = true;
        wrong("zip-local", "the extra fields do not fill their space exactly".to_owned());
        return Ok(member.data_at.saturating_add(member.compressed));
    };
    if let Some(text) = difference(&header, name, &extras, member) {
        member.broken |= name != member.name.as_bytes() || header.method != member.method.id();
        wrong("zip-local", text);
    }
    deviations.member(at, &place, &profile::local(&header, name, &extras));
    let data_end = member.data_at.saturating_add(member.compressed);
    if data_end > next_at {
        member.broken = true;
        wrong("zip-overlap", format!("its data would end at {data_end}, but the next structure begins at {next_at}"));
        return Ok(data_end);
    }
    if member.descriptor {
        return descriptor(source, member, data_end, next_at, findings);
    }
    Ok(data_end)
}

/// The first thing in which the local header differs from the central one.
fn difference(header: &Common, name: &[u8], extras: &Extras, member: &Member) -> Option<String> {
    let (size, compressed) = match local_sizes(header, extras) {
        Some(sizes) => sizes,
        None => return Some("the zip64 field does not hold exactly the two sizes".to_owned()),
    };
    let differs = |what: &str, local: u64, central: u64| {
        (local != central).then(|| format!("{what}: {local} here, {central} in the central directory"))
    };
    if name != member.name.as_bytes() {
        let here = exhibit_evidence::Name::new(name);
        return Some(format!("its name here is {here}, in the central directory {}", member.name));
    }
    if extras.others.contains(&EXTRA_UNICODE_PATH) {
        return Some("an extra field gives it a second name".to_owned());
    }
    // With a descriptor, checksum and sizes come after the data and are zero here.
    let late = member.descriptor && (header.crc32, size, compressed) == (0, 0, 0);
    differs("method", header.method.into(), member.method.id().into())
        .or_else(|| differs("flags", header.flags.into(), member.flags.into()))
        .or_else(|| if late { None } else { differs("checksum", header.crc32.into(), member.crc32.into()) })
        .or_else(|| if late { None } else { differs("size", size, member.size) })
        .or_else(|| if late { None } else { differs("compressed size", compressed, member.compressed) })
}

/// Size and compressed size; both must be in the zip64 field when there is one (APPNOTE 4.5.3).
fn local_sizes(header: &Common, extras: &Extras) -> Option<(u64, u64)> {
    let Some(zip64) = &extras.zip64 else {
        let in_header = header.size != IN_ZIP64 && header.compressed != IN_ZIP64;
        return in_header.then_some((header.size.into(), header.compressed.into()));
    };
    let mut fields = Fields(zip64);
    let sizes = (fields.u64()?, fields.u64()?);
    let announced = (header.size, header.compressed) == (IN_ZIP64, IN_ZIP64);
    (announced && fields.0.is_empty()).then_some(sizes)
}

/// Checks the data descriptor, which fills the space up to the next structure in one of its four forms.
fn descriptor(
    source: &dyn Source,
    member: &mut Member,
    at: u64,
    next_at: u64,
    findings: &mut Findings,
) -> Result<u64, ReadFault> {
    let length = next_at.saturating_sub(at).min(24);
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    source.read_at(at, &mut bytes)?;
    match descriptor_bytes(&bytes, member) {
        Some(used) => Ok(at.saturating_add(used)),
        None => {
            let text = "the data descriptor after its data does not repeat checksum and sizes of the central directory";
            findings.wrong_at(at, "zip-descriptor", member.place(), text);
            Ok(next_at)
        }
    }
}

/// Length of the descriptor that `bytes` are in whole: with or without signature, with 4 or 8 byte sizes.
fn descriptor_bytes(bytes: &[u8], member: &Member) -> Option<u64> {
    let plain = match bytes.len() {
        16 | 24 => {
            let mut fields = Fields(bytes);
            (fields.u32()? == DESCRIPTOR).then_some(())?;
            fields.0
        }
        _ => bytes,
    };
    let mut fields = Fields(plain);
    let crc32 = fields.u32()?;
    let (compressed, size) = match plain.len() {
        12 => (u64::from(fields.u32()?), u64::from(fields.u32()?)),
        20 => (fields.u64()?, fields.u64()?),
        _ => return None,
    };
    ((crc32, compressed, size) == (member.crc32, member.compressed, member.size)).then_some(bytes.len() as u64)
}
