//! The smallest files of systems and programs: databases' logs, property lists, traffic, programs of other systems.

use sha1::{Digest, Sha1};

use super::{Noise, prose};

fn be(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

fn le(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn put(bytes: &mut [u8], at: usize, patch: &[u8]) {
    bytes[at..at + patch.len()].copy_from_slice(patch);
}

/// Two sums over pairs of big-endian words.
fn wal_sum(sum: (u32, u32), bytes: &[u8]) -> (u32, u32) {
    bytes.chunks(8).fold(sum, |(one, two), pair| {
        let word = |at: usize| u32::from_be_bytes(pair[at..at + 4].try_into().unwrap());
        let one = one.wrapping_add(word(0)).wrapping_add(two);
        (one, two.wrapping_add(word(4)).wrapping_add(one))
    })
}

/// A write-ahead log of pages of 512 bytes: the last frame commits.
pub(crate) fn wal(frames: u32, seed: u64) -> Vec<u8> {
    wal_of(frames, seed, |frame| frame == frames)
}

/// The same, where some frames commit.
pub(crate) fn wal_of(frames: u32, seed: u64, commits: impl Fn(u32) -> bool) -> Vec<u8> {
    let mut out = be(&[0x377f_0683, 3_007_000, 512, 1, 77, 0x1234_5678]);
    let mut sum = wal_sum((0, 0), &out);
    out.extend(be(&[sum.0, sum.1]));
    for frame in 1..=frames {
        let head = be(&[frame, if commits(frame) { frames } else { 0 }]);
        let page = Noise(seed + u64::from(frame)).bytes(512);
        sum = wal_sum(wal_sum(sum, &head), &page);
        out.extend(head);
        out.extend(be(&[77, 0x1234_5678, sum.0, sum.1]));
        out.extend(page);
    }
    out
}

/// A rollback journal of two headers with their records.
pub(crate) fn journal(seed: u64) -> Vec<u8> {
    let mut out = Vec::new();
    for (part, count) in [2_u32, 1].into_iter().enumerate() {
        let nonce = 0x7777_0000 + part as u32;
        out.resize(out.len().next_multiple_of(512), 0);
        let mut header = vec![0; 512];
        put(&mut header, 0, b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7");
        put(&mut header, 8, &be(&[count, nonce, 9, 512, 512]));
        out.extend(header);
        for number in 1..=count {
            let page = Noise(seed + u64::from(number)).bytes(512);
            let sum = nonce.wrapping_add(u32::from(page[312])).wrapping_add(u32::from(page[112]));
            out.extend([be(&[number + part as u32 * 2]), page, be(&[sum])].concat());
        }
    }
    out
}

/// A dictionary of a text, a date-like number, data and an array that refers to the text.
pub(crate) fn bplist(seed: u64) -> Vec<u8> {
    let data = Noise(seed).bytes(300);
    let objects: Vec<Vec<u8>> = vec![
        vec![0xd2, 1, 2, 3, 4],
        b"\x54name".to_vec(),
        b"\x54data".to_vec(),
        vec![0xa2, 5, 1],
        [&[0x4f, 0x11, 1, 44][..], &data].concat(),
        b"\x62\0h\0i".to_vec(),
    ];
    let (mut out, mut places) = (b"bplist00".to_vec(), Vec::new());
    for object in objects {
        places.push(out.len() as u16);
        out.extend(object);
    }
    let table = out.len() as u64;
    out.extend(places.iter().flat_map(|place| place.to_be_bytes()));
    out.extend([0, 0, 0, 0, 0, 0, 2, 1]);
    out.extend([places.len() as u64, 0, table].iter().flat_map(|number| number.to_be_bytes()));
    out
}

/// A class with a constant of two places, a field and a method with code.
pub(crate) fn class() -> Vec<u8> {
    let utf8 = |text: &str| [&[1, 0, text.len() as u8][..], text.as_bytes()].concat();
    let constants = [
        vec![7, 0, 2],
        utf8("Sample"),
        vec![7, 0, 4],
        utf8("java/lang/Object"),
        utf8("x"),
        utf8("J"),
        [&[5][..], &123_456_789_u64.to_be_bytes()].concat(),
        utf8("<init>"),
        utf8("()V"),
        utf8("Code"),
        vec![10, 0, 3, 0, 13],
        vec![12, 0, 9, 0, 10],
    ];
    let mut out = b"\xca\xfe\xba\xbe\0\0\0\x34\0\x0e".to_vec();
    out.extend(constants.concat());
    out.extend([0, 0x21, 0, 1, 0, 3, 0, 0]);
    out.extend([0, 1, 0, 2, 0, 5, 0, 6, 0, 0]);
    let code = b"\x2a\xb7\x00\x0c\xb1";
    out.extend([0, 1, 0, 1, 0, 9, 0, 10, 0, 1, 0, 11]);
    out.extend([0, 0, 0, 12 + code.len() as u8, 0, 1, 0, 1, 0, 0, 0, code.len() as u8]);
    out.extend(code);
    out.extend([0, 0, 0, 0]);
    out.extend([0, 0]);
    out
}

pub(crate) fn dex(seed: u64) -> Vec<u8> {
    let mut out = vec![0; 112];
    put(&mut out, 0, b"dex\n035\0");
    out.extend(Noise(seed).bytes(900));
    let size = out.len() as u32;
    put(&mut out, 32, &le(&[size, 112, 0x1234_5678]));
    let digest = Sha1::digest(&out[32..]);
    put(&mut out, 12, &digest);
    let sum = simd_adler32::adler32(&&out[12..]);
    put(&mut out, 8, &sum.to_le_bytes());
    out
}

/// A program of 64 bits with one segment and its table of symbols.
pub(crate) fn macho(seed: u64) -> Vec<u8> {
    let mut out = le(&[0xfeed_facf, 0x0100_0007, 3, 2, 2, 72 + 24, 0, 0]);
    let mut segment = le(&[0x19, 72]);
    segment.extend(b"__TEXT\0\0\0\0\0\0\0\0\0\0");
    segment.extend([0_u64, 4096, 0, 700].iter().flat_map(|number| number.to_le_bytes()));
    segment.extend(le(&[7, 5, 0, 0]));
    out.extend(segment);
    out.extend(le(&[2, 24, 700, 2, 732, 40]));
    out.extend(Noise(seed).bytes(700 - 128));
    out.extend(le(&[1, 0x010f, 0, 0, 9, 0x010f, 64, 0]));
    out.extend(b"\0_first\0_second_of_the_symbols_of_this\0\0");
    assert_eq!(out.len(), 772);
    out
}

/// Two programs, each behind a gap up to its alignment.
pub(crate) fn fat_macho(seed: u64) -> Vec<u8> {
    let program = macho(seed);
    let size = program.len() as u32;
    let mut other = program.clone();
    put(&mut other, 4, &0x0100_000c_u32.to_le_bytes());
    let mut out = be(&[0xcafe_babe, 2, 0x0100_0007, 3, 256, size, 8, 0x0100_000c, 3, 1280, size, 8]);
    for (at, program) in [(256, program), (1280, other)] {
        out.resize(at, 0);
        out.extend(program);
    }
    out
}

/// A program with a code signature: digests of its two pages of 512 bytes.
pub(crate) fn signed_macho(seed: u64) -> Vec<u8> {
    let mut out = le(&[0xfeed_facf, 0x0100_000c, 0, 2, 2, 72 + 16, 0, 0]);
    let mut segment = le(&[0x19, 72]);
    segment.extend(b"__LINKEDIT\0\0\0\0\0\0");
    segment.extend([0_u64, 4096, 0, 1000 + 20 + 44 + 64].iter().flat_map(|number| number.to_le_bytes()));
    segment.extend(le(&[7, 5, 0, 0]));
    out.extend(segment);
    out.extend(le(&[0x1d, 16, 1000, 20 + 44 + 64]));
    out.extend(Noise(seed).bytes(1000 - 120));
    let digests: Vec<u8> = out.chunks(512).flat_map(|page| sha2::Sha256::digest(page).to_vec()).collect();
    out.extend(be(&[0xfade_0cc0, 20 + 44 + 64, 1, 0, 20]));
    out.extend(be(&[0xfade_0c02, 44 + 64, 0x2_0400, 0, 44, 44, 0, 2, 1000]));
    out.extend([32, 2, 0, 9]);
    out.extend(be(&[0]));
    out.extend(digests);
    out
}

/// Packets of UDP in Ethernet with right checksums.
fn packet(seed: u64) -> Vec<u8> {
    let payload = prose(40 + seed as usize % 90, seed);
    let sum = |bytes: &[u8]| {
        let words = bytes.chunks(2).map(|two| u32::from(two[0]) << 8 | u32::from(*two.get(1).unwrap_or(&0)));
        let total: u32 = words.sum();
        let folded = (total & 0xffff) + (total >> 16);
        !((folded & 0xffff) + (folded >> 16)) as u16
    };
    let (udp_length, length) = (payload.len() as u16 + 8, payload.len() as u16 + 28);
    let mut ip = b"\x45\0\0\0\0\x01\0\0\x40\x11\0\0\x0a\0\0\x01\x0a\0\0\x02".to_vec();
    put(&mut ip, 2, &length.to_be_bytes());
    let header = sum(&ip);
    put(&mut ip, 10, &header.to_be_bytes());
    let mut udp = [&[0, 53, 0x10, 0][..], &udp_length.to_be_bytes(), &[0, 0], &payload].concat();
    let pseudo = [&ip[12..20], &[0, 17], &udp_length.to_be_bytes(), &udp].concat();
    let check = sum(&pseudo);
    put(&mut udp, 6, &check.to_be_bytes());
    [&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0][..], &ip, &udp].concat()
}

pub(crate) fn pcap(packets: u32, seed: u64) -> Vec<u8> {
    let mut out = le(&[0xa1b2_c3d4, 2 | 4 << 16, 0, 0, 65_535, 1]);
    for number in 0..packets {
        let packet = packet(seed + u64::from(number) * 7);
        let length = packet.len() as u32;
        out.extend(le(&[1_700_000_000 + number, 10, length, length]));
        out.extend(packet);
    }
    out
}

pub(crate) fn pcapng(packets: u32, seed: u64) -> Vec<u8> {
    let block = |kind: u32, body: &[u8]| {
        let length = 12 + body.len() as u32;
        [&le(&[kind, length]), body, &le(&[length])].concat()
    };
    let mut out = block(0x0a0d_0d0a, &le(&[0x1a2b_3c4d, 1, u32::MAX, u32::MAX]));
    out.extend(block(1, &le(&[1, 0])));
    for number in 0..packets {
        let mut packet = packet(seed + u64::from(number) * 5);
        let length = packet.len() as u32;
        packet.resize(packet.len().next_multiple_of(4), 0);
        out.extend(block(6, &[le(&[0, 0, 1000 + number, length, length]), packet].concat()));
    }
    out
}

/// Data in XML: a document type, comments, references, a part that is quoted; ends with a line feed.
pub(crate) fn xml(seed: u64) -> Vec<u8> {
    let text = String::from_utf8(prose(300, seed)).unwrap();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- made for tests -->\n<!DOCTYPE notes [<!ENTITY x \"y>\">]>\n\
         <notes a='1' b=\"&lt;2 > 1\">\n <note id=\"1\">{text} &amp; &#xe9; &x;</note>\n <empty/>\n \
         <![CDATA[</notes> ]] <svg]]>\n <?do it?>\n <größe>{text}</größe>\n</notes>\n"
    )
    .into_bytes()
}

/// The same in 16 bits, behind a byte order mark.
pub(crate) fn utf16(text: &[u8], big: bool) -> Vec<u8> {
    let text = String::from_utf8(text.to_vec()).unwrap().replace("UTF-8", "UTF-16");
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

/// A drawing without a declaration, and without a line feed at its end.
pub(crate) fn svg(seed: u64) -> Vec<u8> {
    let mut noise = Noise(seed);
    let mut out = String::from("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"90\" height=\"60\">\n");
    for _ in 0..12 {
        let (x, y, r) = (noise.below(90), noise.below(60), noise.below(9));
        out.push_str(&format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\"/>\n"));
    }
    out.push_str("</svg>");
    out.into_bytes()
}

fn page(seed: u64) -> String {
    let text = String::from_utf8(prose(400, seed)).unwrap();
    format!(
        "<head>\n<meta charset=\"utf-8\"/>\n<title>a > b</title>\n<script>if (a < b) document.write('</html>'.x + \"<p>\");\
         </script>\n</head>\n<body class='x>y'>\n<!-- </html> -->\n<h1>Größe</h1>\n<p>{text}</p>\n<img alt=\"</html>\" \
         src=\"x.png\"/>\n</body>\n</html>\n"
    )
}

pub(crate) fn html(seed: u64) -> Vec<u8> {
    format!("<!DOCTYPE html>\n<html lang=\"en\">\n{}", page(seed)).into_bytes()
}

pub(crate) fn xhtml(seed: u64) -> Vec<u8> {
    let head = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" \"x\">\n";
    format!("{head}<html xmlns=\"http://www.w3.org/1999/xhtml\">\n{}", page(seed)).into_bytes()
}

/// A message of two parts, one of them packed, the other with parts of its own.
pub(crate) fn eml(seed: u64) -> Vec<u8> {
    let text = String::from_utf8(prose(300, seed)).unwrap().replace("custody ", "custody\r\n");
    let packed = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9w\r\ncXI=\r\n";
    [
        "Return-Path: <a@example.org>\r\nReceived: from a.example.org\r\n by b.example.org; Mon, 1 Sep 2025 12:00:00 +0000\r\n",
        "From: Anna <a@example.org>\r\nTo: b@example.org\r\nSubject: parts\r\nDate: Mon, 1 Sep 2025 12:00:00 +0000\r\n",
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n boundary=\"outer\"\r\n\r\nmore than text\r\n",
        "--outer\r\nContent-Type: multipart/alternative; boundary=inner\r\n\r\n--inner\r\n\r\n",
        &text,
        "\r\n--inner\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=C3=A4 --outer\r\n--inner--\r\n",
        "--outer\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n",
        packed,
        "--outer--\r\n",
    ]
    .concat()
    .into_bytes()
}

/// A folder: plain text, then parts.
pub(crate) fn mbox(seed: u64) -> Vec<u8> {
    let separator = b"From a@example.org Mon Sep  1 12:00:00 2025\n";
    let plain = b"From: a@example.org\nDate: Mon, 1 Sep 2025 12:00:00 +0000\nSubject: text\n\n";
    let (text, last) = (prose(200, seed), eml(seed));
    [&separator[..], plain, &text, b"\n>From here on\nFrom there\n\n", separator, &last].concat()
}

/// A mailbox of 32 or 64 bits: a page of each tree, and a block.
pub(crate) fn pst(wide: bool, seed: u64) -> Vec<u8> {
    // Begun with zero and not turned over.
    let crc = |bytes: &[u8]| {
        let mut hasher = crc32fast::Hasher::new_with_initial(u32::MAX);
        hasher.update(bytes);
        !hasher.finalize()
    };
    let number = |value: u32| if wide { u64::from(value).to_le_bytes().to_vec() } else { value.to_le_bytes().to_vec() };
    let page = |kind: u8, entry: Vec<u8>, stride: u8| {
        let mut page = entry;
        let (counts, trailer) = if wide { (488, 496) } else { (496, 500) };
        page.resize(counts, 0);
        page.extend([1, (counts / usize::from(stride)) as u8, stride, 0]);
        page.resize(trailer, 0);
        let sum = crc(&page);
        page.extend([kind, kind, 0, 0]);
        page.extend(if wide { [le(&[sum]), number(9)].concat() } else { le(&[9, sum]) });
        page
    };
    let content = Noise(seed).bytes(300);
    let (block_at, nodes_at, blocks_at) = (1024_u32, 1536_u32, 2048_u32);
    let size = 2560_u32;
    let mut out = vec![0; 1024];
    put(&mut out, 0, b"!BDN\0\0\0\0SM");
    out[10] = if wide { 23 } else { 14 };
    let (size_at, nodes_in, blocks_in) = if wide { (184, 224, 240) } else { (168, 188, 196) };
    put(&mut out, size_at, &number(size));
    put(&mut out, nodes_in, &number(nodes_at));
    put(&mut out, blocks_in, &number(blocks_at));
    let sum = crc(&out[8..479]);
    put(&mut out, 4, &le(&[sum]));
    let mut block = content.clone();
    let trailer = if wide { 16 } else { 12 };
    block.resize((300_usize + trailer).next_multiple_of(64) - trailer, 0);
    block.extend([44, 1, 0, 0]);
    block.extend(if wide { [le(&[crc(&content)]), number(4)].concat() } else { le(&[4, crc(&content)]) });
    out.extend(block);
    out.resize(nodes_at as usize, 0);
    let node = [number(33), number(4), number(0), number(0)].concat();
    out.extend(page(0x81, node, if wide { 32 } else { 16 }));
    let entry = [number(4), number(block_at), vec![44, 1, 2, 0]].concat();
    out.extend(page(0x80, entry, if wide { 24 } else { 12 }));
    assert_eq!(out.len(), size as usize);
    out
}

/// A chunk of an event log whose log is lost.
pub(crate) fn evtx_chunk(seed: u64) -> Vec<u8> {
    super::more::evtx(seed)[4096..].to_vec()
}

/// A compressed prefetch file: a code of nine bits for each symbol, and no copies.
pub(crate) fn prefetch_mam(seed: u64) -> Vec<u8> {
    let mut content = super::more::prefetch(seed);
    content[0] = 30;
    let bits: Vec<u16> = content.iter().flat_map(|byte| (0..9).rev().map(|bit| u16::from(*byte) >> bit & 1)).collect();
    let word = |bits: &[u16]| bits.iter().enumerate().fold(0, |word, (index, bit)| word | bit << (15 - index));
    let mut words: Vec<u16> = bits.chunks(16).map(word).collect();
    // One word is read ahead.
    words.push(0);
    let mut out = b"MAM\x04".to_vec();
    out.extend((content.len() as u32).to_le_bytes());
    out.extend([0x99; 256]);
    out.extend(words.iter().flat_map(|word| word.to_le_bytes()));
    out
}

/// One sample of each kind: kind id, type id, bytes.
pub(crate) fn all() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    vec![
        ("sqlite-wal", "sqlite-wal", wal(3, 20)),
        ("sqlite-journal", "sqlite-journal", journal(21)),
        ("bplist", "bplist", bplist(22)),
        ("class", "class", class()),
        ("dex", "dex", dex(23)),
        ("macho", "macho", macho(24)),
        ("macho", "macho", fat_macho(25)),
        ("macho", "macho", signed_macho(28)),
        ("xml", "xml", xml(29)),
        ("xml", "svg", svg(30)),
        ("xml", "xml", utf16(&xml(31), false)),
        ("xml", "xml", utf16(&xml(32), true)),
        ("html", "html", html(33)),
        ("html", "html", xhtml(34)),
        ("eml", "eml", eml(35)),
        ("eml", "mbox", mbox(36)),
        ("pst", "pst", pst(false, 37)),
        ("pst", "pst", pst(true, 38)),
        ("prefetch-mam", "prefetch-mam", prefetch_mam(39)),
        ("pcap", "pcap", pcap(9, 26)),
        ("pcapng", "pcapng", pcapng(6, 27)),
    ]
}
