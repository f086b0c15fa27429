//! Every planted file must open in programs that nobody here wrote. What is not installed is skipped, visibly.

#![expect(clippy::disallowed_methods, reason = "the other programs read files and are started as processes")]
#![expect(clippy::disallowed_macros, reason = "a skipped check must be seen")]

use std::process::Command;

use exhibit_forge::{PLANTS, Random};

#[test]
fn every_plant_opens_in_other_programs() {
    let folder = tempfile::tempdir().unwrap();
    for (number, plant) in (0..).zip(PLANTS) {
        for size in [2_000, 40_000, 400_000] {
            let grown = plant.grow(&mut Random::stream(9, plant.id(), number), size);
            let name = format!("{}-{size}.{}", plant.id(), plant.extension());
            std::fs::write(folder.path().join(name), &grown.bytes).unwrap();
            for (index, part) in grown.parts.iter().enumerate().filter(|(_, part)| !part.bait) {
                let range = usize::try_from(part.range.offset).unwrap()..usize::try_from(part.range.end()).unwrap();
                let name = format!("{}-{size}-part{index}.jpg", plant.id());
                assert_eq!(part.kind, "jpeg");
                std::fs::write(folder.path().join(name.replace("exif", "thumbnail")), &grown.bytes[range]).unwrap();
            }
        }
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/check_plants.py");
    let Ok(done) = Command::new("python3").arg(script).arg(folder.path()).output() else {
        println!("skipped: python3 is not installed");
        return;
    };
    let text = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    for line in text.lines().filter(|line| line.starts_with("absent: ")) {
        println!("skipped: {line}");
    }
    assert!(done.status.success() && text.contains("checked: ") && !text.contains("wrong: "), "{text}");
    print!("{text}");
}

#[test]
fn every_file_of_the_folder_is_a_plant_of_the_table() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/plants");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<_> = files.map(|file| file.replace(".rs", "").replace('_', "-")).collect();
    let mut table: Vec<_> = PLANTS.iter().map(|plant| plant.id().to_owned()).collect();
    files.sort_unstable();
    table.sort_unstable();
    assert_eq!(files, table);
}
