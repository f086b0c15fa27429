//! A small picture of a large one, drawn anew.
//!
//! The decoders are other people's and see hostile bytes, so walls stand around them: a limit on pixels before anything is
//! decoded, memory that is shared out, and a panic that costs the thumbnail and nothing else.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use jpeg_encoder::{ColorType, Encoder};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// Longest edge of a thumbnail in pixels.
const EDGE: u32 = 160;
/// Quality of the thumbnails, of 100.
const QUALITY: u8 = 70;
/// Most pixels of a picture that is decoded.
pub(crate) const PIXELS_MAX: u64 = 24_000_000;
/// Bytes that a decoder may hold for each pixel: RGB or RGBA, and the coefficients of a progressive JPEG.
pub(crate) const BYTES_PER_PIXEL: u64 = 10;

/// A JPEG file, and the size of the picture it shows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Thumbnail {
    pub(crate) jpeg: Vec<u8>,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// Why there is no thumbnail.
type Refused = &'static str;

const BROKEN: Refused = "it could not be drawn";
const TOO_LARGE: Refused = "it has too many pixels";

/// Whether files of this type are drawn.
pub(crate) fn draws(file_type: &str) -> bool {
    matches!(file_type, "jpeg" | "png" | "gif" | "webp")
}

/// Draws the picture in `file`. `room` is asked for memory, in bytes, before any is taken; what it returns is held meanwhile.
pub(crate) fn draw<H>(file_type: &str, file: &[u8], room: impl Fn(u64) -> Option<H>) -> Result<Thumbnail, Refused> {
    let room = |(width, height): (u32, u32)| -> Result<H, Refused> {
        let pixels = u64::from(width).saturating_mul(u64::from(height));
        let held = (pixels > 0 && pixels <= PIXELS_MAX).then(|| room(pixels.saturating_mul(BYTES_PER_PIXEL)));
        held.flatten().ok_or(TOO_LARGE)
    };
    let decode = || match file_type {
        "jpeg" => jpeg(file, room),
        "png" => png(file, room),
        "gif" => gif(file, room),
        "webp" => webp(file, room),
        _ => Err("its type is not drawn"),
    };
    let shrinker = catch_unwind(AssertUnwindSafe(decode)).unwrap_or(Err(BROKEN))?;
    shrinker.finish().ok_or(BROKEN)
}

fn jpeg<H>(file: &[u8], room: impl Fn((u32, u32)) -> Result<H, Refused>) -> Result<Shrinker, Refused> {
    // Not strict: of a broken picture the good part is shown.
    let options = DecoderOptions::default().set_strict_mode(false).jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(Cursor::new(file), options);
    decoder.decode_headers().map_err(|_| BROKEN)?;
    let (width, height) = decoder.dimensions().ok_or(BROKEN)?;
    let size = (u32::try_from(width).map_err(|_| TOO_LARGE)?, u32::try_from(height).map_err(|_| TOO_LARGE)?);
    let _held = room(size)?;
    let pixels = decoder.decode().map_err(|_| BROKEN)?;
    Ok(Shrinker::of(size, pixels.as_chunks::<3>().0.iter().copied()))
}

fn png<H>(file: &[u8], room: impl Fn((u32, u32)) -> Result<H, Refused>) -> Result<Shrinker, Refused> {
    let limits = png::Limits { bytes: usize::try_from(PIXELS_MAX.saturating_mul(BYTES_PER_PIXEL)).unwrap_or(0) };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(file), limits);
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(|_| BROKEN)?;
    let size = (reader.info().width, reader.info().height);
    let _held = room(size)?;
    let mut pixels = vec![0; reader.output_buffer_size().ok_or(TOO_LARGE)?];
    reader.next_frame(&mut pixels).map_err(|_| BROKEN)?;
    Ok(match reader.output_color_type().0 {
        png::ColorType::Grayscale => Shrinker::of(size, pixels.iter().map(|grey| [*grey; 3])),
        png::ColorType::GrayscaleAlpha => {
            let on_white = |&[grey, alpha]: &[u8; 2]| over_white([grey; 3], alpha);
            Shrinker::of(size, pixels.as_chunks::<2>().0.iter().map(on_white))
        }
        png::ColorType::Rgba => Shrinker::of(size, rgba(&pixels)),
        _ => Shrinker::of(size, pixels.as_chunks::<3>().0.iter().copied()),
    })
}

fn gif<H>(file: &[u8], room: impl Fn((u32, u32)) -> Result<H, Refused>) -> Result<Shrinker, Refused> {
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(Cursor::new(file)).map_err(|_| BROKEN)?;
    let frame = decoder.next_frame_info().map_err(|_| BROKEN)?.ok_or(BROKEN)?;
    let size = (u32::from(frame.width), u32::from(frame.height));
    let _held = room(size)?;
    let mut pixels = vec![0; decoder.buffer_size()];
    decoder.read_into_buffer(&mut pixels).map_err(|_| BROKEN)?;
    Ok(Shrinker::of(size, rgba(&pixels)))
}

fn webp<H>(file: &[u8], room: impl Fn((u32, u32)) -> Result<H, Refused>) -> Result<Shrinker, Refused> {
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(file)).map_err(|_| BROKEN)?;
    let size = decoder.dimensions();
    let _held = room(size)?;
    let mut pixels = vec![0; decoder.output_buffer_size().ok_or(TOO_LARGE)?];
    decoder.read_image(&mut pixels).map_err(|_| BROKEN)?;
    Ok(if decoder.has_alpha() {
        Shrinker::of(size, rgba(&pixels))
    } else {
        Shrinker::of(size, pixels.as_chunks::<3>().0.iter().copied())
    })
}

fn rgba(pixels: &[u8]) -> impl Iterator<Item = [u8; 3]> + '_ {
    pixels.as_chunks::<4>().0.iter().map(|&[red, green, blue, alpha]| over_white([red, green, blue], alpha))
}

fn over_white(colour: [u8; 3], alpha: u8) -> [u8; 3] {
    let (alpha, rest) = (u32::from(alpha), u32::from(u8::MAX.wrapping_sub(alpha)));
    colour.map(|part| (u32::from(part).wrapping_mul(alpha).wrapping_add(rest.wrapping_mul(255)) / 255) as u8)
}

/// Means over the pixels that fall on each pixel of the thumbnail.
struct Shrinker {
    size: (u32, u32),
    small: (u32, u32),
    /// Sums of red, green, blue, and how many.
    sums: Vec<[u64; 4]>,
}

impl Shrinker {
    /// Of pixels row by row; what is missing at the end stays grey.
    fn of(size: (u32, u32), pixels: impl Iterator<Item = [u8; 3]>) -> Self {
        let (width, height) = (size.0.max(1), size.1.max(1));
        let longest = u64::from(width.max(height).max(EDGE));
        let scaled = |edge: u32| {
            let small = u64::from(edge).saturating_mul(u64::from(EDGE)).checked_div(longest).unwrap_or(1);
            u32::try_from(small).unwrap_or(EDGE).clamp(1, EDGE).min(edge)
        };
        let small = if width.max(height) <= EDGE { (width, height) } else { (scaled(width), scaled(height)) };
        let mut sums = vec![[0_u64; 4]; small.0.saturating_mul(small.1) as usize];
        let column =
            |x: u32| u64::from(x).saturating_mul(u64::from(small.0)).checked_div(u64::from(width)).unwrap_or(0);
        let columns: Vec<usize> = (0..width).map(|x| column(x) as usize).collect();
        let row = |y: u32| u64::from(y).saturating_mul(u64::from(small.1)).checked_div(u64::from(height)).unwrap_or(0);
        let mut pixels = pixels;
        for y in 0..height {
            let first = (row(y) as usize).saturating_mul(small.0 as usize);
            for (column, [red, green, blue]) in columns.iter().zip(pixels.by_ref().take(width as usize)) {
                if let Some(sum) = sums.get_mut(first.saturating_add(*column)) {
                    let add = [u64::from(red), u64::from(green), u64::from(blue), 1];
                    sum.iter_mut().zip(add).for_each(|(sum, part)| *sum = sum.wrapping_add(part));
                }
            }
        }
        Self { size, small, sums }
    }

    fn finish(self) -> Option<Thumbnail> {
        const GREY: u8 = 0x80;
        let mean = |[red, green, blue, count]: [u64; 4]| {
            [red, green, blue].map(|sum| sum.checked_div(count).map_or(GREY, |mean| mean as u8))
        };
        let pixels: Vec<u8> = self.sums.into_iter().flat_map(mean).collect();
        let (width, height) = (u16::try_from(self.small.0).ok()?, u16::try_from(self.small.1).ok()?);
        let mut jpeg = Vec::new();
        Encoder::new(&mut jpeg, QUALITY).encode(&pixels, width, height, ColorType::Rgb).ok()?;
        Some(Thumbnail { jpeg, width: self.size.0, height: self.size.1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn striped_png(width: u32, height: u32) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, width, height);
        encoder.set_color(png::ColorType::Rgb);
        let mut writer = encoder.write_header().unwrap();
        // The left half red, the right half blue.
        let row = (0..width).flat_map(|x| if x < width / 2 { [255, 0, 0] } else { [0, 0, 255] });
        let row: Vec<u8> = row.collect();
        writer.write_image_data(&row.repeat(height as usize)).unwrap();
        writer.finish().unwrap();
        file
    }

    fn everything(_: u64) -> Option<()> {
        Some(())
    }

    #[test]
    fn a_thumbnail_is_the_picture_made_small() {
        let drawn = draw("png", &striped_png(800, 400), everything).unwrap();
        assert_eq!((drawn.width, drawn.height), (800, 400));
        let mut decoder = JpegDecoder::new(Cursor::new(&drawn.jpeg));
        let pixels = decoder.decode().unwrap();
        assert_eq!(decoder.dimensions(), Some((160, 80)));
        let pixel = |x: usize, y: usize| &pixels[(y * 160 + x) * 3..][..3];
        assert!(pixel(20, 40)[0] > 200 && pixel(20, 40)[2] < 60, "{:?}", pixel(20, 40));
        assert!(pixel(140, 10)[2] > 200 && pixel(140, 10)[0] < 60, "{:?}", pixel(140, 10));
        let tiny = draw("png", &striped_png(3, 1), everything).unwrap();
        assert_eq!((tiny.width, tiny.height), (3, 1));
    }

    #[test]
    fn what_is_too_large_or_broken_is_refused_and_nothing_panics() {
        let file = striped_png(64, 64);
        assert_eq!(draw("png", &file, |_| None::<()>).unwrap_err(), TOO_LARGE);
        assert!(draw("pdf", &file, everything).is_err());
        for kind in ["jpeg", "png", "gif", "webp"] {
            for cut in (0..file.len()).step_by(7) {
                let _ = draw(kind, &file[..cut], everything);
            }
        }
    }
}
