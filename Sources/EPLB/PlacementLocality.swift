/// Where copies of an expert may go: the choice between short ways and even loads.
///
/// A router that picks a few groups for each token keeps that token's traffic within few nodes if a
/// group lies on one node. Groups differ in load, so nodes then differ too: balance has a ceiling
/// that no placement within nodes can pass.
public enum PlacementLocality: String, Sendable, CaseIterable {
    /// Within nodes where groups can be shared out evenly among nodes, else anywhere: what the
    /// reference does.
    case automatic
    /// Every group's experts, copies included, stay on one node.
    case withinNodes
    /// Experts and copies go to any GPU.
    case anywhere

    /// Whether groups stay within nodes for a shape.
    func keepsGroupsTogether(_ shape: PlacementShape) -> Bool {
        self == .anywhere ? false : shape.isHierarchical
    }
}
