//! The items of sharedStrings.xml that are written plainly.

use crate::tags::{skip_space, starts};
use crate::text::{closes_cdata, is_plain, text_end, GREATER};

/// One string as it stands in the XML, and what `text_end` saw in it.
pub struct Item<'a> {
    pub raw: &'a [u8],
    pub seen: u8,
}

/// The items of a region of whole ones; None when there is any that is written otherwise.
pub fn plain_items(region: &[u8]) -> Option<Vec<Item<'_>>> {
    if !is_plain(region) {
        return None;
    }
    let mut items = Vec::new();
    let mut at = skip_space(region, 0);
    while at < region.len() {
        let (item, end) = plain_item(region, at)?;
        items.push(item);
        at = skip_space(region, end);
    }
    Some(items)
}

#[inline]
fn plain_item(region: &[u8], start: usize) -> Option<(Item<'_>, usize)> {
    if !starts(region, start, b"<si>") {
        return None;
    }
    let at = start + 4;
    if starts(region, at, b"<t/></si>") {
        return Some((Item { raw: b"", seen: 0 }, at + 9));
    }
    let text_start = if starts(region, at, b"<t>") {
        at + 3
    } else if starts(region, at, b"<t xml:space=\"preserve\">") {
        at + 24
    } else {
        return None;
    };
    let (end, seen) = text_end(region, text_start);
    let raw = &region[text_start..end];
    if seen & GREATER != 0 && closes_cdata(raw) {
        return None;
    }
    starts(region, end, b"</t></si>").then_some((Item { raw, seen }, end + 9))
}
