//! The time line of the custody log: a line for each person, a mark for each record, in the order of the log.

use crate::drawing::{Drawing, Side, WIDTH, cut};
use crate::facts::CustodyRow;
use crate::words;

/// Records drawn: as many as can be told apart on a page. The last ones, if there are more.
pub(crate) const RECORDS_MAX: usize = 40;
/// People with a line of their own; the others share one.
const PEOPLE_MAX: usize = 8;

/// Width of the names, distance of the lines, top of the first one.
const NAMES: i32 = 2400;
const LINE: i32 = 520;
const TOP: i32 = 620;

/// Actions by which the thing itself changes hands, place or seal. Everything else is work on it.
const HANDLING: [&str; 12] = [
    "seized",
    "received",
    "sealed",
    "opened",
    "transported",
    "stored",
    "handed-over",
    "accepted",
    "refused",
    "returned",
    "destroyed",
    "acknowledged",
];

/// A drawing, and what can be said of it.
pub(crate) struct TimeLine {
    pub(crate) drawing: Drawing,
    pub(crate) people: usize,
    /// Records that are drawn.
    pub(crate) drawn: usize,
}

/// `None` for an empty log.
pub(crate) fn time_line(rows: &[CustodyRow]) -> Option<TimeLine> {
    let drawn = rows.get(rows.len().saturating_sub(RECORDS_MAX)..).unwrap_or_default();
    if drawn.is_empty() {
        return None;
    }
    let mut people: Vec<&str> = Vec::new();
    for row in drawn {
        if !people.contains(&row.actor.as_str()) {
            people.push(&row.actor);
        }
    }
    let lines = people.len().min(PEOPLE_MAX);
    let height_of = |person: usize| TOP.saturating_add(units(person.min(PEOPLE_MAX - 1)).saturating_mul(LINE));
    let bottom = height_of(lines.saturating_sub(1)).saturating_add(LINE / 2);
    let mut drawing = Drawing { height: bottom.saturating_add(60), ..Drawing::default() };
    for (number, person) in people.iter().take(lines).enumerate() {
        let y = height_of(number);
        let shared = number == PEOPLE_MAX - 1 && people.len() > PEOPLE_MAX;
        let name = if shared { "…".to_owned() } else { cut(&words::text(person).replace('\n', " "), 22) };
        drawing.letters((NAMES - 120, y.saturating_add(65)), Side::Right, name);
        drawing.line((NAMES, y), (WIDTH - 20, y), false);
    }
    let room = WIDTH - NAMES - 20;
    let step = room / units(drawn.len());
    let mut day = "";
    let mut last_label = i32::MIN;
    for (number, row) in drawn.iter().enumerate() {
        let x = NAMES.saturating_add(step / 2).saturating_add(step.saturating_mul(units(number)));
        let person = people.iter().position(|person| *person == row.actor).unwrap_or_default();
        let y = height_of(person);
        let today = row.time.get(..10).unwrap_or_default();
        if today != day {
            let edge = x.saturating_sub(step / 2);
            drawing.line((edge, 250), (edge, bottom), true);
            // A date is left out where the one before still stands; the list below has all.
            if edge.saturating_sub(last_label) > 1250 {
                let (at, side) = if edge > WIDTH - 1300 { (WIDTH - 20, Side::Right) } else { (edge, Side::Left) };
                drawing.letters((at, 190), side, words::text(today));
                last_label = at;
            }
            day = today;
        }
        drawing.dot((x, y), (step / 3).clamp(40, 90), HANDLING.contains(&row.action.as_str()));
        let label = row.seq.to_string();
        if step > units(label.len()).saturating_mul(115) || number % 3 == 0 {
            drawing.letters((x, y.saturating_sub(130)), Side::Middle, label);
        }
    }
    Some(TimeLine { drawing, people: people.len(), drawn: drawn.len() })
}

fn units(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawing::Shape;

    fn row(seq: u64, actor: &str) -> CustodyRow {
        let time = format!("2026-11-{:02}T10:00:00Z", seq % 28 + 1);
        CustodyRow { seq, time, actor: actor.to_owned(), action: "sealed".to_owned(), ..CustodyRow::default() }
    }

    #[test]
    fn any_log_makes_a_bounded_drawing_inside_its_frame() {
        assert!(time_line(&[]).is_none());
        for count in [1, 2, 39, 40, 41, 5000] {
            let rows: Vec<CustodyRow> = (0..count).map(|seq| row(seq, &format!("person {}", seq % 11))).collect();
            let picture = time_line(&rows).unwrap();
            assert!(picture.drawn <= RECORDS_MAX && picture.drawing.height < TOP + LINE * 9);
            for shape in &picture.drawing.shapes {
                let (x, y) = match shape {
                    Shape::Dot { at, .. } | Shape::Letters { at, .. } => *at,
                    Shape::Line { to, .. } => *to,
                    Shape::Box { x, y, .. } => (*x, *y),
                };
                assert!((0..=WIDTH).contains(&x) && (0..=picture.drawing.height).contains(&y), "{shape:?}");
            }
        }
    }
}
