import InfraCore

/// A token that is found in the text itself, before any cutting: an entry of `added_tokens`.
struct AddedToken: Sendable {
    var id: Int
    var content: String
    /// Whether the token steers the model and is left out of decoded text.
    var isSpecial = false
    /// Whether it counts only between characters that belong to no word.
    var isSingleWord = false
    /// Whether it swallows blanks before it.
    var stripsLeft = false
    /// Whether it swallows blanks after it.
    var stripsRight = false
    /// Whether it is looked for after normalisation instead of before.
    var isNormalized = false

    init(id: Int, content: String, isSpecial: Bool) {
        self.id = id
        self.content = content
        self.isSpecial = isSpecial
    }

    init(_ object: JSONObject) throws(ModelError) {
        guard let id = try object.integer("id"), id >= 0,
            let content = try object.string("content")
        else {
            throw ModelError(
                .malformedFile,
                "\(object.location) must hold a \"content\" and an \"id\" of zero or more"
            )
        }
        self.id = id
        self.content = content
        isSpecial = try object.bool("special") ?? false
        isSingleWord = try object.bool("single_word") ?? false
        stripsLeft = try object.bool("lstrip") ?? false
        stripsRight = try object.bool("rstrip") ?? false
        isNormalized = try object.bool("normalized") ?? !isSpecial
    }
}
