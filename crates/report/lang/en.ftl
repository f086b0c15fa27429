# Messages of reports, English. One message a line or block; $names are filled in. Terms: docs/reference/glossary.md.
# "verified" may stand in messages that begin with verified- and nowhere else: a report prints those only with the checker's proof.

### The frame

report-court = Statement on digital evidence
report-examiner = Technical annex on digital evidence
report-person-searched = Receipt for digital evidence
no-title = Case without a recorded title
contents = Contents
not-known = not known
yes = yes
no = no
the-case = The case
case-number = Case number
case-examiner = Examiner
case-agency = Agency
case-begun = Case begun
report-made = This document made
items-count = Items
authority = Authority
written-by = Written by { $tool }, { $time }.
self-contained = This page holds everything it shows. It runs no program and fetches nothing.
page-of = Page { $page } of { $pages }

about-court = This document says how digital evidence was copied and kept, for readers without technical training. It repeats what is written in the records of the case. It does not say what the evidence means, and it draws no conclusion about any person.
about-examiner = This document lists everything that the records of the case say about the evidence: devices, copies, digests, gaps, checks and the custody log. It draws no conclusion.
about-person-searched = This document is for the person from whom the evidence was taken. It says what was taken and copied, when and by whom. With the digests anybody can show later whether a copy was changed.
how-to-read = A number in square brackets, such as [4], names the record of the custody log on which the sentence before it rests; another name in brackets names a file of the case. What was recorded as text is printed as it was recorded, and not translated.

### Numbers and places

bytes = { $n ->
    [one] { $exact } byte
   *[other] { $exact } bytes
}
bytes-rounded = { $n ->
    [one] { $exact } byte ({ $rounded })
   *[other] { $exact } bytes ({ $rounded })
}
ranges = { $n ->
    [one] { $n } range
   *[other] { $n } ranges
}
duration = { $hours } h { $minutes } min { $seconds } s
share = { $percent } per cent
share-least = at most 0.01 per cent

### Summary

summary = What was copied
summary-none = No image is described in this document.
item = Item { $id }
item-described = { $id } ({ $description })
item-not-imaged = Item { $id } was not imaged with this program, or its acquisition record is not here.
item-copied = Item { $id } was copied from { $source }, a medium of { $size }.
item-when = The copying began at { $started } and ended at { $finished }.
item-who = It was done by { $examiner }.
item-who-unknown = Who did it was not recorded.
item-read-all = All that the source showed was read.
item-read-not-all = { $size } in { $ranges } could NOT be read.
item-read-back-same = Afterwards the copy was read back completely, and it equals what had been read.
item-read-back-differs = Afterwards the copy was read back, and it does NOT equal what had been read.
item-read-back-none = The copy was not read back afterwards.
item-carved = { $n ->
    [one] Searching it by content, { $n } file was recovered whole.
   *[other] Searching it by content, { $n } files were recovered whole.
}
items-left-out = { $n ->
    [one] { $n } more item is not described here; the technical annex has all.
   *[other] { $n } more items are not described here; the technical annex has all.
}
authority-none = The authority under which the evidence was taken is not recorded.
scope-none = The scope of that authority is not recorded.
source-with-serial = { $name }, serial number { $serial }

### What was not read

unread = What was not read
unread-no-image = No item was imaged, so nothing can be said here.
unread-none = Item { $id }: all { $size } that the source showed were read.
unread-headline = Item { $id }: { $size } could not be read
unread-sentence = They lie in { $ranges } of a medium of { $size }; that is { $share } of it.
unread-not-zero = Unread is not zero.
unread-filler = Where a range could not be read, the copy holds a filler in its place, so that everything else keeps its position. Nothing can be concluded from the filler: neither that data was there, nor that it was not, nor that somebody removed it.
fill-zero = The filler is zeros here.
fill-text = The filler is the text { $text } here, over and over.
fill-zeros = zeros
map-alt = Map of the medium of item { $id }, { $size }; { $ranges } not read, { $files } recovered by content
map-caption = Item { $id }, the medium from its first byte (left) to its last (right). Upper strip: plain was read, hatched was not read. Lower strip: a black mark where a file was recovered by content. A range is drawn at least one two-hundredth of the width, so small ones look larger than they are. Which areas hold only zeros, and which a file system uses, is not in the records.
map-caption-no-carve = Item { $id }, the medium from its first byte (left) to its last (right). Plain was read, hatched was not read. A range is drawn at least one two-hundredth of the width, so small ones look larger than they are. It was not searched by content; which areas hold only zeros, and which a file system uses, is not in the records.
files-count = { $n ->
    [one] { $n } file
   *[other] { $n } files
}

### Checks

checks = Was it checked?
check-none = No check had been made when this document was written
check-none-text = This document repeats the records of the case as they stand. How anyone can check them is said below.
check-holds = Everything was checked, and everything matches
check-does-not-match = Something does NOT match
check-incomplete = Not everything was checked
verified-sentence = { $n ->
    [one] Verified: the one check of { $subject } was made at level { $level }, and it matches.
   *[other] Verified: all { $n } checks of { $subject } were made at level { $level }, and everything matches.
}
does-not-match-sentence = { $n ->
    [one] DOES NOT MATCH: { $failed } of { $n } check of { $subject } failed (level { $level }); it must not be relied upon as it is.
   *[other] DOES NOT MATCH: { $failed } of { $n } checks of { $subject } failed (level { $level }); it must not be relied upon as it is.
}
incomplete-sentence = { $open ->
    [one] Incomplete check of { $subject } (level { $level }): nothing checked is wrong, but { $open } thing could not be or was not checked.
   *[other] Incomplete check of { $subject } (level { $level }): nothing checked is wrong, but { $open } things could not be or were not checked.
}
subject-package = the package
subject-case = the case
subject-image = the image
subject-parts = the package in parts
subject-disclosed = what is disclosed of the package
subject-handover = the handover papers (not of the evidence that they name)
each-check = Each check with its own result
asked = What was asked
result = Result
why = Why (as the checker said it)
matches = holds
does-not-match = DOES NOT HOLD
not-checked = not checked
what-not-checked = What was not checked
and-more = { $n ->
    [one] and { $n } more
   *[other] and { $n } more
}

check-archive = The archive is sound, and every byte of it belongs to something
check-folder = The folder holds one package
check-files = Every file could be read to its end
check-bag = Nothing is missing, nothing was added, and every digest is right
check-package-signature = The package is sealed, and the seal belongs to it
check-package-signer = The key that sealed the package is one that the checker was told to trust
check-case-file = The case is described
check-custody-chain = The custody log is whole and in order
check-custody-checkpoints = The signed heads of the custody log are those of its records
check-custody-key = The key that signed the custody log is one that the checker was told to trust
check-custody-files = The files are those that the custody log names
check-manifest = The list of contents agrees with the files, the case and the custody log
check-manifest-media = The list of contents says about the media what their records say
check-acquisition = The files are those that the acquisition record names
check-container = The container of the image is sound
check-medium = The medium inside the image is the one that was read
check-medium-readable = The medium inside the image can be read to its end
check-tree = The hash tree of the medium is the recorded one
check-record = The medium has the recorded size and digests
check-digests = The medium is the one that was read
check-stored-digests = The medium has the digests that the container stores
check-segments = The files of the image have the recorded digests
check-handovers = Handovers are signed, and are what the log says
check-handover = The handover says what was signed, and fits together
check-handover-answer = The receiver found what the sender stated
check-disclosure = What is shown is what was sealed, and everything else is marked as withheld
check-disclosure-signature = The list of what was sealed is signed
check-parts-list = The list of the parts can be read
check-part = A part is the one that was sent
check-parts-joined = The parts together are the package that was announced
check-bound = Every file that matters is bound by the custody log
check-package-certificate = A signature by certificate belongs to the package, and its authority is one that you trust
check-package-certificates = The certificates that travel with the package can be read
check-package-timestamp = A time stamp says when the package was sealed at the latest
check-package-signatures-announced = Every signature that was made when the package was sealed is there
check-custody-timestamps = Time stamps say when the custody log existed at the latest
check-of = { $what } ({ $place })

### How anyone can check it

howto = How anyone can check it
howto-court = Anyone can check the package without the program that made it: open verify.html, which lies in it, in a browser, and drop the package on the page. Nothing is installed and nothing is sent.
howto-intro = Nobody has to trust the program that wrote this document. Common programs are enough for the steps below. Work on a copy, and type what stands in the boxes.
step-unpack = Unpack the package and go into its folder. No message is printed.
step-payload = Has any evidence file changed? Every line ends in “: OK”.
step-tags = Has any record about it changed? Every line ends in “: OK”.
step-seal = Who sealed it? The line begins with “Good” and ends with the fingerprint given below.
step-image = Compute the digest of a file of an image, and compare it with the table of its files. Both are equal, digit by digit.
howto-more = exhibit/VERIFY.txt in the package has all steps, with what each one proves and what it does not.
howto-key = The key that seals the package has the fingerprint { $fingerprint } (signer: { $signer }). A key that travels with the package vouches for nothing by itself: confirm the fingerprint with the agency by another way.

### What it means

meaning = What matching digests mean, and what they do not
meaning-digest = A digest is a short number computed from all bytes of a file or a medium. If a single bit changes, the digest becomes a different one. Nobody knows a way to make two different contents with the same SHA-256 digest.
meaning-is = A matching digest means: these bytes are the bytes from which the recorded digest was computed.
meaning-is-not = It does not mean:
meaning-not-complete = that the copy is complete: where ranges could not be read, the digest of the medium was computed with the filler in their place;
meaning-not-before = that nothing was changed before the digest was computed;
meaning-not-records = that the date, the place or the people in the records are right;
meaning-not-who = anything about who made the contents or knew of them.
meaning-old = MD5 and SHA-1 digests are printed because other records use them. For these two, different contents with the same digest can be made on purpose. Against deliberate change only SHA-256 and SHA-512 count.

### Items, technical

items = The items
items-none = The case has no items yet.
identity = Identity of the source, as the system reported it
source-path = Opened as
source-kind = Kind
source-bus = Connection
source-vendor = Vendor
source-model = Model
source-serial = Serial number
size = Size
sector-logical = Logical sector
sector-physical = Physical sector
read-only = Read-only in the system
mounted = Mounted
not-mounted = not mounted
backing-file = File behind it
hidden-sectors = Hidden sectors
protection = Protection against writing
protection-file = A file, opened for reading only
protection-file-text = The source was a file on the examiner’s machine. This program opened it for reading only and has no way to write to it. Other programs on the same machine were not kept away.
protection-kernel = Set to read-only in the operating system
protection-kernel-text = The operating system was set to refuse every attempt to write to this device. That is a setting of software. Whether a hardware write blocker was used as well cannot be seen from here.
protection-none = NOT protected against writing
protection-none-text = The device could have been written to while it was read. This program has no way to write to it, but others were not prevented. The examiner went on, and gave this reason: { $reason }
protection-unknown = Not known
protection-unknown-text = The platform does not tell whether the source was protected against writing.
work = How it was copied
work-begun = Begun
work-ended = Ended
work-duration = Duration
program = Program
machine = Machine
system = System
kernel = Kernel
medium-size = Bytes of the medium
sectors = Sectors
sectors-of = { $n } of { $size }
image-format = Image format
compression = Compression
segment-limit = Largest file of the image
one-file = one file
read-errors = On read errors
further-tries = Further tries per sector
evidence-number = Evidence number
description = Description
notes = Notes
read-back-same = The copy was read back, and it matches
read-back-same-text = After writing, the whole image was read again and compared with what had been read from the source. They were equal. This was finished at { $time }.
read-back-differs = The copy was read back, and it does NOT match
read-back-differs-text = What was read from the image at { $time } is not what had been read from the source. This image must not be relied upon as it is.
read-back-none = The copy was not read back
read-back-none-text = It was not tested after writing whether the image can be read and equals what had been read from the source.
digests = Digests of the medium, as it was read
digests-with-filler = Digests of the medium, as it was read, with the filler in place of what could not be read
digest-padded = { $algorithm } of the padded copy
tree-root = Hash tree root (SHA-256)
digests-note = The digits are set in groups for reading; they are copied without gaps. The hash tree root stands for the same bytes in another way, which allows a part of the medium to be checked by itself.
gaps = Ranges that could not be read
gap-from = From byte
gap-length = Length
gap-cause = What the device said
gap-tries = Further tries
gap-fill = In the copy
image-files = Files of the image
file = File
sha256-of-file = SHA-256 of the file
rows-left-out = { $n ->
    [one] { $n } more row is not printed here. The acquisition record has all.
   *[other] { $n } more rows are not printed here. The acquisition record has all.
}
carve = Files recovered by content (carving)
carve-intro = The medium was searched for the beginnings and structures of known kinds of files, without regard to folders. A file found in this way has no name, no date and no owner of its own, and it may have been deleted.
carve-searched = { $size } were searched, for these kinds: { $types }.
carve-skipped = What was not searched
carve-nothing = Nothing was found.
carve-counts = Number of files by kind and by how sure the recovery is
kind = Kind
class-proven = Proven
class-consistent = Consistent
class-partial = Partial
class-header-only = Header only
class-all = All
class-proven-means = Proven: checksums inside the file, or decoding it completely, vouch for its bytes.
class-consistent-means = Consistent: its structure holds from the first byte to the last, but nothing vouches for each byte.
class-partial-means = Partial: good up to a point, then broken.
class-header-only-means = Header only: a believable beginning and nothing more; it may be no file at all.
carve-files = The files
carve-kind-size = Kind and size
carve-place = Place on the medium
carve-class = How sure, and why
carve-file = File and its SHA-256
carve-from = from byte { $offset }
carve-pieces = { $n ->
    [one] { $n } piece, from byte { $offset }
   *[other] { $n } pieces, the first from byte { $offset }
}
carve-listed = listed only, not written
carve-left-out = { $n ->
    [one] { $n } more file is not printed here. The complete list is in { $list }.
   *[other] { $n } more files are not printed here. The complete list is in { $list }.
}

### Custody

custody = Who did what, and when
custody-none = No custody record is in this document.
custody-none-text = Who held the evidence, and when, must be learned in another way.
custody-intro = What was done with the evidence, by whom and when, in the order in which it was written down. Times are those of the machine on which each record was made.
custody-alt = Time line of the custody log: { $n } records by { $people } people, from { $from } to { $to }
custody-caption = Each line is a person, each mark a record of the log, in its order from left to right. Filled marks: the item was taken, sealed, moved or handed over. Hollow marks: work done on it. A dashed line begins a new day.
custody-caption-cut = Only the last { $n } records are drawn; the list has all.
custody-table = Records of the custody log
record-number = No.
record-time = Time
record-what = What
record-who = Who
record-reason = Reason: { $reason }
records-left-out = { $n ->
    [one] { $n } record is not printed here; the technical annex has all.
   *[other] { $n } records are not printed here; the technical annex has all.
}
log-head = Signed head of the custody log: { $n } records, root { $root }, key { $fingerprint }.

action-case-opened = Case opened
action-seized = Item seized
action-received = Item received
action-sealed = Item sealed
action-opened = Seal opened
action-transported = Item transported
action-stored = Item put into storage
action-marked = Marked for handling
action-acquisition-planned = Acquisition planned
action-acquired = Image acquired
action-acquisition-interrupted = Acquisition interrupted
action-acquisition-resumed = Acquisition resumed
action-acquisition-failed = Acquisition failed
action-imported = Log of another program taken in
action-hashed = Digests computed
action-verified = Integrity checked
action-examined = Item examined
action-derived = Files recovered or derived
action-exported = Data exported
action-packaging-planned = Evidence package planned
action-packaged = Evidence package sealed
action-disclosed = Part of the evidence disclosed
action-timestamped = Time stamp obtained
action-handed-over = Item handed over
action-accepted = Item accepted
action-refused = Item refused
action-discrepancy = Discrepancy found
action-acknowledged = Receipt of the other side taken in
action-returned = Item returned
action-destroyed = Item or copy destroyed
action-reported = Report made
action-note = Note
action-correction = Correction of an earlier record
action-key-changed = Log passed on to another key
action-key-lost = Signing key lost; another one goes on
action-key-revoked = Signing key revoked

### Derivation

derivation = What was made from what
derivation-alt = Tree of derivation: { $items } items, their images, and what was made from them
derivation-caption = From left to right: the medium, its image with the first digits of its SHA-256 digest, the files recovered from it by kind, and packages that left. An arrow means “was made from”.

### Receipt

taken = What was taken
taken-none = That something was taken is not recorded.
seals = Seals
seals-none = No seal is recorded.
given-back = What was given back
given-back-none = That something was given back is not recorded.
copies = What was copied
copies-none = No copy is recorded.
excluded = Not to be looked at
excluded-none = Nothing is recorded that must not be looked at.
receipt-record = { $time }, { $actor } ({ $role }): { $what }.
said = { $label }: { $text }
questions = Questions and objections go to the agency named above, or to a court. This receipt is not legal advice.
to-sign = To complete and sign
sign-authority = For the agency: name, function, signature
sign-person = Person searched: name, signature (or: refused to sign)
sign-witness = Witness: name, signature
sign-place = Place, date and time

field-item = item
field-seal = seal
field-place = place
field-at = when it happened
field-condition = condition
field-from = from
field-to = to
field-authority = Authority
field-text = text
field-legal_basis = Legal basis
field-issuing_body = Issued by
field-reference = Reference
field-issued = Date of issue
field-offence = Offence
field-exclusions = Excluded
field-places = Places
field-people = Persons
field-use_limits = Limits of use
field-instruments = Instruments
field-scope = Scope

### Limits and words

handling = How the material must be handled
limits = What this document cannot show
limit-recorded = It shows what was recorded. What was done and not written down is not in it.
limit-clocks = Times come from the clocks of the machines that were used. Nobody vouches here for those clocks.
limit-names = Names, models and serial numbers are what a device said about itself. A device can say something untrue.
limit-hidden = Areas that a device hides from the operating system were not examined unless the table of the item says so.
limit-solid-state = Solid-state storage can change or clear unused areas by itself. Copying the same device again may give another digest although nobody changed anything.
limit-meaning = It does not say what a file means, who made it, or whether anyone knew that it was there.

glossary = Words used here
term-byte = Byte, sector
term-byte-means = A byte is the smallest unit of stored data that has an address. A device stores bytes in sectors, usually of 512 or 4096 bytes, and reads or fails to read a sector as a whole.
term-carving = Carving
term-carving-means = Recovering files by recognising their content, without the help of folders or names. It can find what was deleted. It cannot tell when or by whom a file was stored.
term-custody = Chain of custody
term-custody-means = The record of who held the evidence, when, and what was done with it. Here each entry contains a digest of the one before, so that a later change to an old entry shows.
term-digest = Digest (hash)
term-digest-means = A short number computed from all bytes of a file or a medium. MD5, SHA-1, SHA-256 and SHA-512 are ways to compute one.
term-gap = Gap
term-gap-means = A range of the medium that could not be read. It keeps its place in the copy and holds a filler there: zeros in raw and E01 images, the text UNREADABLEDATA over and over in AFF4 images. The filler is not data.
term-tree = Hash tree
term-tree-means = Digests of small pieces of a medium, combined in pairs up to one root. With the root, a piece can be checked without the rest.
term-image = Image
term-image-means = A copy of all bytes of a medium, from the first to the last, in one or more files. E01 and AFF4 are compressed forms of it, raw a plain one.
term-medium = Medium
term-medium-means = What was copied: a disk, a memory stick, a partition or a file.
term-package = Package
term-package-means = A folder in one archive file that holds the evidence, the records about it, and lists of digests over all of them, sealed with a signature.
term-signature = Signature, fingerprint
term-signature-means = A signature is a number that only the holder of a secret key can make and everyone can check. A fingerprint is a short name of such a key, by which people compare keys.
term-segment = Segment
term-segment-means = One of the files that an image is divided into.
term-protection = Write protection
term-protection-means = What keeps the original from being changed while it is read. A hardware write blocker sits between device and machine; a setting of the operating system does the same in software and protects less.
