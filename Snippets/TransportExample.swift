// Three ranks pass a message round a ring; a wait that cannot end says who waited for whom.

import InfraCore
import Transport

let tag = MessageTag(stream: 1)
let results = try RankGroup.run(rankCount: 3) { transport in
    let next = (transport.rank + 1) % transport.rankCount
    let previous = (transport.rank + 2) % transport.rankCount
    let deadline = Deadline(after: .seconds(5))
    // Sending queues the message and returns, so all ranks may send first.
    let greeting = Message(header: Array("from rank \(transport.rank)".utf8))
    try transport.send(greeting, to: next, tag: tag, deadline: deadline)
    let message = try transport.receive(from: previous, tag: tag, deadline: deadline)
    return String(decoding: message.header, as: UTF8.self)
}
for (rank, text) in results.enumerated() { print("rank \(rank) got: \(text)") }

do {
    _ = try RankGroup.run(rankCount: 2) { transport in
        let deadline = Deadline(after: .milliseconds(50))
        _ = try transport.receive(from: 1 - transport.rank, tag: tag, deadline: deadline)
    }
} catch let error as TransportError {
    print("\(error.code): waited for a message that nobody sent")
}
