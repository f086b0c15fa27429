//! Images a file to an E01 with crate `ewf-image` on all cores, "fast", with the digests that it computes by itself.
//!
//! ```text
//! ewf-image-peer MEDIUM IMAGE.E01
//! ```

use std::fs::File;
use std::io::{Error, ErrorKind, Read as _};

use ewf_image::{EwfWriter, WriteCompression, WriteCompressionLevel, WriteOptions};

/// Bytes handed to the writer at once.
const PIECE_BYTES: usize = 8 << 20;

fn main() -> ewf_image::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [medium, image] = arguments.as_slice() else {
        return Err(Error::new(ErrorKind::InvalidInput, "usage: ewf-image-peer MEDIUM IMAGE.E01").into());
    };
    let mut input = File::open(medium)?;
    let mut options = WriteOptions { compression: WriteCompression::Zlib, ..WriteOptions::default() };
    options.compression_values.level = WriteCompressionLevel::Fast;
    options.media_size = Some(input.metadata()?.len());
    let mut writer = EwfWriter::create(image, options)?;
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let length = input.read(&mut piece)?;
        if length == 0 {
            break;
        }
        writer.write_all(&piece[..length])?;
    }
    writer.finish()?;
    Ok(())
}
