//! What names say, word by word: a whole word is a sign, a part of one is chance.

/// The words of a name or a text such as `shop-Prod_eu`, in lower case.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_ascii_alphanumeric()).map(str::to_ascii_lowercase)
}

/// Whether a word of a name is one of these; `processOrder` and `process-order` have two words.
pub(super) fn is_named_after(name: &str, any: &[&str]) -> bool {
    let mut spaced = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            spaced.push(' ');
        }
        spaced.push(letter);
    }
    words(&spaced).any(|word| any.contains(&&*word))
}
