//! L01, Ex01 and Lx01 images as their documents describe them, for tests: nothing at hand writes the logical ones.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "every test target uses a part of it, and a test that cannot go on should stop there"
)]

/// Bytes of a chunk of stored contents.
pub(crate) const CHUNK: usize = 4096;

/// Adler-32 as RFC 1950 describes it.
pub(crate) fn adler(bytes: &[u8]) -> [u8; 4] {
    let (mut a, mut b) = (1_u32, 0_u32);
    for &byte in bytes {
        a = (a + u32::from(byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    (b << 16 | a).to_le_bytes()
}

/// A zlib stream of stored blocks: whoever builds an image with this needs no compressor.
pub(crate) fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let mut blocks = bytes.chunks(65_535).peekable();
    if bytes.is_empty() {
        out.extend_from_slice(&[1, 0, 0, 0xff, 0xff]);
    }
    while let Some(block) = blocks.next() {
        let length = block.len() as u16;
        out.push(u8::from(blocks.peek().is_none()));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
    }
    let mut sum = adler(bytes);
    sum.reverse(); // big-endian here
    out.extend_from_slice(&sum);
    out
}

pub(crate) fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

pub(crate) fn md5(bytes: &[u8]) -> Vec<u8> {
    let mut digester = exhibit_hash::algorithm("md5").unwrap().start();
    digester.update(bytes);
    digester.digest().bytes().to_vec()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    exhibit_evidence::to_hex(bytes)
}

/// Contents of the files in the sample tree, one after another: text of more than a chunk, one byte for a sparse file,
/// noise, and the one byte of an empty file.
pub(crate) fn stream() -> Vec<u8> {
    let mut bytes: Vec<u8> = b"line of a letter\r\n".iter().copied().cycle().take(CHUNK + 900).collect();
    bytes.push(0x5a);
    bytes.extend((0..2 * CHUNK as u64).map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 47) as u8));
    bytes.push(0);
    bytes
}

/// The tree that goes with [`stream`].
pub(crate) fn tree() -> String {
    let stream = stream();
    let (letter, noise) = (&stream[..CHUNK + 900], &stream[CHUNK + 901..stream.len() - 1]);
    let row = |children: usize, values: &str| format!("26\t{children}\n{values}\n");
    let none = "0".repeat(32);
    let rows = [
        row(3, "1\tLogicalEntries\t\t\t\t\t\t\t"),
        row(2, "1\tdocs\t\t\t\t33554432\t1577689823\t\t"),
        row(
            0,
            &format!(
                "\tletter.txt\t{}\t1 0 {:x}\t{}\t8\t1577689816\t\t11",
                letter.len(),
                letter.len(),
                hex(&md5(letter))
            ),
        ),
        row(0, &format!("\tholes\t3000\t1 {:x} 1\t{}\t67108864\t\t\t12", letter.len(), hex(&md5(&[0x5a; 3000])))),
        row(
            0,
            &format!("\t..\t{}\t1 {:x} {:x}\t{}\t128\t\t\t13", noise.len(), CHUNK + 901, noise.len(), hex(&md5(noise))),
        ),
        row(0, &format!("\tempty\t0\t1 {:x} 1\t{none}\t\t\t\t14", stream.len() - 1)),
    ];
    format!(
        "5\nrec\ntb\tcl\n{}\t\n\nperm\n1\t1\np\tn\ts\tpr\tnta\tnti\n0\t1\n1\t\t\t10\t\t\n0\t0\n1\t\t\t10\t\t\n\n\
         srce\n1\t1\np\tn\tid\tev\ttb\tlo\tpo\tah\tgu\taq\n0\t1\n1\t\t\t\t\t-1\t-1\t\t\t\n0\t0\n\tF\t1\t\t\t-1\t-1\t\t\t\n\n\
         sub\n0\t1\np\tn\tid\tnu\tco\tgu\n0\t0\n\t\t\t\t1\t\n\n\
         entry\n5\t1\np\tn\tls\tbe\tha\topr\twr\tdu\tid\n{}\n",
        stream.len(),
        rows.concat()
    )
}

/// `ltree`: header and text.
pub(crate) fn ltree(text: &[u8]) -> Vec<u8> {
    let mut head = md5(text);
    head.extend_from_slice(&(text.len() as u64).to_le_bytes());
    head.resize(48, 0);
    let sum = adler(&head);
    head[24..28].copy_from_slice(&sum);
    [&head, text].concat()
}

/// A section of version 1 at `at`.
fn section(kind: &str, at: usize, payload: &[u8]) -> Vec<u8> {
    let size = 76 + payload.len();
    let last = matches!(kind, "done" | "next");
    let mut bytes = kind.as_bytes().to_vec();
    bytes.resize(16, 0);
    bytes.extend_from_slice(&((if last { at } else { at + size }) as u64).to_le_bytes());
    bytes.extend_from_slice(&((if last { 0 } else { size }) as u64).to_le_bytes());
    bytes.resize(72, 0);
    bytes.extend_from_slice(&adler(&bytes));
    [&bytes, payload].concat()
}

/// An L01 of one segment: chunks in turn deflated and stored.
pub(crate) fn l01(stream: &[u8], tree: &[u8]) -> Vec<u8> {
    let mut volume = vec![0x0e, 0, 0, 0];
    for number in [0, (CHUNK / 512) as u32, 512, 77] {
        volume.extend_from_slice(&number.to_le_bytes());
    }
    volume.resize(1048, 0);
    volume.extend_from_slice(&adler(&volume));
    let mut bytes = b"LVF\x09\x0d\x0a\xff\x00\x01\x01\x00\x00\x00".to_vec();
    let add = |bytes: &mut Vec<u8>, kind: &str, payload: &[u8]| bytes.extend(section(kind, bytes.len(), payload));
    add(&mut bytes, "header", &zlib(b"1\r\nmain\r\nc\tn\ta\te\tt\r\n2026/17\tL-1\tfiles\tA. Example\t\r\n\r\n"));
    add(&mut bytes, "volume", &volume);
    let (mut data, mut entries) = (Vec::new(), Vec::new());
    for (index, chunk) in stream.chunks(CHUNK).enumerate() {
        let flag = if index % 2 == 0 { 0x8000_0000 } else { 0 };
        entries.extend_from_slice(&((76 + data.len()) as u32 | flag).to_le_bytes());
        if flag == 0 { data.extend([chunk, &adler(chunk)].concat()) } else { data.extend(zlib(chunk)) }
    }
    let mut head = (entries.len() as u32 / 4).to_le_bytes().to_vec();
    head.resize(8, 0);
    head.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    head.resize(20, 0);
    head.extend_from_slice(&adler(&head));
    let table = [head, entries.clone(), adler(&entries).to_vec()].concat();
    add(&mut bytes, "sectors", &data);
    add(&mut bytes, "table", &table);
    add(&mut bytes, "table2", &table);
    add(&mut bytes, "ltypes", &[0; 6]);
    add(&mut bytes, "ltree", &ltree(tree));
    add(&mut bytes, "data", &volume);
    add(&mut bytes, "done", &[]);
    bytes
}

/// A file of version 2 that is being put together.
pub(crate) struct V2 {
    pub(crate) bytes: Vec<u8>,
    previous: u64,
    pack: Pack,
}

/// Compresses an object or a chunk.
pub(crate) type Pack = fn(&[u8]) -> Vec<u8>;

impl V2 {
    pub(crate) fn new(signature: &[u8; 8], number: u32) -> Self {
        Self::packed(signature, number, (1, zlib))
    }

    /// With another method of compression, by its number.
    pub(crate) fn packed(signature: &[u8; 8], number: u32, (method, pack): (u8, Pack)) -> Self {
        let mut bytes = signature.to_vec();
        bytes.extend_from_slice(&[2, 1, method, 0]);
        bytes.extend_from_slice(&number.to_le_bytes());
        bytes.extend_from_slice(&[7; 16]);
        Self { bytes, previous: 0, pack }
    }

    /// A section: its data padded to 16 bytes, then its descriptor with the MD5 of the data.
    pub(crate) fn section(&mut self, kind: u32, flags: u32, data: &[u8]) {
        let mut data = data.to_vec();
        let padding = data.len().next_multiple_of(16) - data.len();
        data.resize(data.len() + padding, 0);
        let mut descriptor = kind.to_le_bytes().to_vec();
        descriptor.extend_from_slice(&flags.to_le_bytes());
        descriptor.extend_from_slice(&self.previous.to_le_bytes());
        descriptor.extend_from_slice(&(data.len() as u64).to_le_bytes());
        descriptor.extend_from_slice(&64_u32.to_le_bytes());
        descriptor.extend_from_slice(&(padding as u32).to_le_bytes());
        descriptor.extend(if flags & 1 != 0 { md5(&data) } else { vec![0; 16] });
        descriptor.resize(60, 0);
        descriptor.extend_from_slice(&adler(&descriptor));
        self.bytes.extend(data);
        self.previous = self.bytes.len() as u64;
        self.bytes.extend(descriptor);
    }

    /// An object with keys and values.
    pub(crate) fn object(&mut self, kind: u32, keys: &str, values: &str) {
        self.section(kind, 1, &(self.pack)(&utf16(&format!("\u{feff}1\nmain\n{keys}\n{values}\n\n"))));
    }

    /// Sector data and its table: chunks in turn deflated, stored, and filled with a pattern where they can be.
    pub(crate) fn chunks(&mut self, first: u64, medium: &[u8]) {
        let (mut data, mut entries) = (Vec::new(), Vec::new());
        for (index, chunk) in medium.chunks(CHUNK).enumerate() {
            let pattern: [u8; 8] = *chunk.first_chunk().unwrap_or(&[0; 8]);
            let at = (self.bytes.len() + data.len()) as u64;
            let filled = chunk.chunks(8).all(|piece| piece == &pattern[..piece.len()]);
            let (offset, stored, flags) = match index % 2 {
                _ if filled => (pattern, Vec::new(), 5_u32),
                0 => (at.to_le_bytes(), (self.pack)(chunk), 1),
                _ => (at.to_le_bytes(), [chunk, &adler(chunk)].concat(), 2),
            };
            entries.extend_from_slice(&offset);
            entries.extend_from_slice(&(stored.len() as u32).to_le_bytes());
            entries.extend_from_slice(&flags.to_le_bytes());
            data.extend(stored);
            data.resize(data.len().next_multiple_of(16), 0);
        }
        self.section(3, 0, &data);
        let mut table = first.to_le_bytes().to_vec();
        table.extend_from_slice(&(entries.len() as u32 / 16).to_le_bytes());
        table.resize(16, 0);
        table.extend_from_slice(&adler(&table));
        table.resize(32, 0);
        table.extend([entries.clone(), adler(&entries).to_vec()].concat());
        self.section(4, 1, &table);
    }
}

/// An Lx01 of one segment.
pub(crate) fn lx01(stream: &[u8], tree: &[u8]) -> Vec<u8> {
    let mut file = V2::new(b"LEF2\x0d\x0a\x81\x00", 1);
    let chunks = stream.len().div_ceil(CHUNK);
    file.object(2, "nm\tcn\ttb\tcp\tsb", &format!("files\t2026/17\t{chunks}\t1\t{}", CHUNK / 512));
    file.chunks(0, stream);
    file.section(0x20, 1, tree);
    file.object(1, "sn\tdt\tbp\tph", "\tl\t512\t");
    file.section(15, 0, &[]);
    file.bytes
}

/// An Ex01 of `medium` in segments of so many chunks each.
pub(crate) fn ex01(medium: &[u8], per_segment: usize) -> Vec<Vec<u8>> {
    ex01_packed(medium, per_segment, (1, zlib))
}

/// The same with another method of compression, by its number.
pub(crate) fn ex01_packed(medium: &[u8], per_segment: usize, packing: (u8, Pack)) -> Vec<Vec<u8>> {
    let pieces: Vec<&[u8]> = medium.chunks(per_segment * CHUNK).collect();
    let mut files = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        let mut file = V2::packed(b"EVF2\x0d\x0a\x81\x00", index as u32 + 1, packing);
        let sectors = medium.len() / 512;
        file.object(1, "sn\tmd\tts\tdt\tbp\tph", &format!("S1\tM\u{1}1\t{sectors}\tf\t512\t1"));
        let chunks = medium.len().div_ceil(CHUNK);
        file.object(2, "nm\tcn\ttb\tcp\tsb\tgr", &format!("disk\t2026/17\t{chunks}\t1\t{}\t64", CHUNK / 512));
        file.chunks((index * per_segment) as u64, piece);
        if index + 1 < pieces.len() {
            file.section(13, 0, &[]);
        } else {
            let head = [&2_u32.to_le_bytes()[..], &[0; 12]].concat();
            let mut entries = Vec::new();
            for (sector, count) in [(100_u64, 3_u32), (7, 1)] {
                entries.extend([&sector.to_le_bytes()[..], &count.to_le_bytes(), &[0; 4]].concat());
            }
            let table = [&head[..], &adler(&head), &[0; 12], &entries, &adler(&entries)].concat();
            file.section(5, 1, &table);
            let digest = md5(medium);
            file.section(8, 1, &[&digest[..], &adler(&digest)].concat());
            file.section(15, 0, &[]);
        }
        files.push(file.bytes);
    }
    files
}
