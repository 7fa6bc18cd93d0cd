// Package mask finds secrets in text and in typed values and puts [Text] in
// their place. Everything else stays as it was, byte for byte.
//
// # What happens to a text
//
// [Masker.Append] goes over the text once, from left to right. A table tells
// for each byte what may start there (class.go, scan.go):
//
//	letter    a vendor's secret, a JWT, a scheme such as Bearer     vendors.go, scheme.go
//	digit     a payment card, a social security number              number.go, card.go
//	= or :    what is before it may be a key: its value is masked   pair.go, keys.go, value.go
//	://       the userinfo of a URL                                 url.go
//	@         an e-mail address, the userinfo of a data source      url.go
//	-         a command line's flag, a PEM block                    flag.go, pem.go
//	>         the text of an XML element                            markup.go
//	% or \    text that is percent-encoded or escaped               scan.go, quote.go
//
// Nearly every byte of an ordinary line starts nothing and costs one look at
// the table; nearly every separator is dismissed by the four letters before
// it. What looks like a secret is then read carefully: how a value is quoted,
// at which escape depth, and what ends it. Nothing that is masked reaches out
// of the double-quoted string it is in, so JSON stays JSON; a number or an
// object that is masked in JSON becomes a string.
//
// A look ahead or back is either bounded, or taken once for each part of the
// text, or consumed by what it masks, so that time is linear in the text,
// whatever it holds. A broken text, such as one with a quote that is never
// closed, is scanned again after masking: masking twice changes nothing.
//
// # What happens to a value
//
// [Masker.Attr] and its like go through values as they are in a record (see
// package value): under a sensitive key everything is masked, whatever its
// type; texts are scanned; integers are masked if they are payment cards and
// their key does not name an identifier or a time; bytes that hold a secret as
// text are masked as a whole. Groups and lists are copied where they change.
// What cannot be inspected is masked.
//
// # Extending it
//
// A key is a word in keywords.go, a vendor's secret a line in vendors.go, an
// issuer of cards a line in card.go, and a test a line in testdata.
package mask
