//! Filters that combine and draw items.

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, State};

use super::Family;
use crate::template::arguments::{Args, bad, items};
use crate::template::objects::List;
use crate::template::operators;
use crate::template::python;
use crate::template::random::Random;

pub(super) const FILTERS: Family = &[
    ("product", product),
    ("permutations", permutations),
    ("combinations", combinations),
    ("random", random),
    ("shuffle", |_, args| {
        let of_items = [ValueKind::Seq, ValueKind::Iterable, ValueKind::String, ValueKind::Map];
        if !of_items.contains(&args.value().kind()) {
            args.get(1, "seed")?;
            return Ok(args.value().clone());
        }
        let mut all = items(args.value())?;
        source(args.get(1, "seed")?)?.shuffle(&mut all)?;
        Ok(List::value(all))
    }),
];

/// The most rows of one result.
const MOST: usize = 1_000_000;

fn count(state: &State, rows: usize, columns: usize) -> Result<(), Error> {
    if rows > MOST {
        return Err(bad(format!("more than {MOST} combinations")));
    }
    operators::count(state, rows * (columns + 4) * size_of::<Value>())
}

fn product(state: &mut State, args: &Args) -> Result<Value, Error> {
    let repeat = args.int(usize::MAX, "repeat")?.and_then(|n| usize::try_from(n).ok()).unwrap_or(1);
    let lists = args.positional().iter().map(items).collect::<Result<Vec<_>, _>>()?;
    let lists: Vec<&Vec<Value>> = std::iter::repeat_n(&lists, repeat.min(64)).flatten().collect();
    let rows = lists.iter().fold(1_usize, |rows, list| rows.saturating_mul(list.len()));
    count(state, rows, lists.len())?;
    let mut product: Vec<Vec<Value>> = vec![vec![]];
    for list in lists {
        product = product
            .iter()
            .flat_map(|row| {
                list.iter().map(|item| [row.as_slice(), std::slice::from_ref(item)].concat())
            })
            .collect();
    }
    Ok(List::value(product.into_iter().map(List::value).collect()))
}

/// Every choice of `size` places in order, ascending where `sorted`.
fn choices(total: usize, size: usize, sorted: bool) -> Result<Vec<Vec<usize>>, Error> {
    let mut all: Vec<Vec<usize>> = vec![vec![]];
    for _ in 0..size {
        let mut longer = vec![];
        for chosen in &all {
            let from = if sorted { chosen.last().map_or(0, |last| last + 1) } else { 0 };
            for next in (from..total).filter(|next| !chosen.contains(next)) {
                if longer.len() >= MOST {
                    return Err(bad(format!("more than {MOST} combinations")));
                }
                longer.push([chosen.as_slice(), &[next]].concat());
            }
        }
        all = longer;
    }
    Ok(all)
}

fn chosen(state: &mut State, all: &[Value], size: usize, sorted: bool) -> Result<Value, Error> {
    let choices = if size > all.len() { vec![] } else { choices(all.len(), size, sorted)? };
    count(state, choices.len(), size)?;
    let rows = choices
        .into_iter()
        .map(|places| List::value(places.into_iter().map(|place| all[place].clone()).collect()));
    Ok(List::value(rows.collect()))
}

fn size(args: &Args, default: usize) -> Result<usize, Error> {
    match args.int(1, "r")? {
        Some(size) => usize::try_from(size).map_err(|_| bad("the size must not be negative")),
        None => Ok(default),
    }
}

fn permutations(state: &mut State, args: &Args) -> Result<Value, Error> {
    let all = items(args.value())?;
    let size = size(args, all.len())?;
    chosen(state, &all, size, false)
}

fn combinations(state: &mut State, args: &Args) -> Result<Value, Error> {
    let all = items(args.value())?;
    let size = size(args, all.len())?;
    chosen(state, &all, size, true)
}

/// The numbers of a seed, or ones that nobody can foretell.
fn source(seed: Option<Value>) -> Result<Random, Error> {
    Ok(match seed.filter(|seed| !seed.is_none()) {
        Some(seed) => match seed.as_i64().filter(|_| seed.is_integer()) {
            Some(number) => Random::from_number(number),
            None => Random::from_text(&python::text(&seed)?),
        },
        None => Random::System,
    })
}

fn random(_: &mut State, args: &Args) -> Result<Value, Error> {
    let (start, step) = (args.int(1, "start")?, args.int(2, "step")?);
    let mut random = source(args.get(3, "seed")?)?;
    let value = args.value();
    let Some(end) = value.as_i64().filter(|_| value.is_integer()) else {
        if start.is_some() || step.is_some() {
            return Err(bad("start and step can only be used with integer values"));
        }
        if !matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable | ValueKind::String) {
            return Err(bad("random can only be used on sequences and integers"));
        }
        let all = items(value)?;
        return Ok(all[random.below(all.len())?].clone());
    };
    let (start, step) = (start.unwrap_or(0), step.unwrap_or(1));
    if step <= 0 || end <= start {
        return Err(bad(format!("there is no number from {start} up to {end} in steps of {step}")));
    }
    let count = (end.abs_diff(start) - 1) / step.unsigned_abs() + 1;
    let drawn = random.below(usize::try_from(count).unwrap_or(usize::MAX))?;
    let drawn = i64::try_from(drawn).unwrap_or(i64::MAX);
    Ok(Value::from(start + step * drawn))
}
