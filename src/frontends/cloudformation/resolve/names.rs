//! Names in texts: `${Name}` in `Fn::Sub` and in the definitions of state machines.

/// A piece of a text with names in it.
pub(in super::super) enum SubPiece<'t> {
    Text(&'t str),
    Name(&'t str),
}

/// The pieces of a `Fn::Sub` text; `${!Name}` stands for `${Name}` itself.
pub(in super::super) fn sub_pieces(text: &str) -> Vec<SubPiece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else { break };
        if start > 0 {
            pieces.push(SubPiece::Text(&rest[..start]));
        }
        let name = &rest[start + 2..start + length];
        match name.strip_prefix('!') {
            Some(literal) => {
                pieces.extend([SubPiece::Text("${"), SubPiece::Text(literal), SubPiece::Text("}")]);
            }
            None => pieces.push(SubPiece::Name(name.trim())),
        }
        rest = &rest[start + length + 1..];
    }
    if !rest.is_empty() {
        pieces.push(SubPiece::Text(rest));
    }
    pieces
}
