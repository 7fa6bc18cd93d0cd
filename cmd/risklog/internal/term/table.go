package term

import (
	"strings"
	"unicode/utf8"
)

// Cell is one cell of a [Table].
type Cell struct {
	Text   string
	Colour Colour
}

// Table is rows under a head. Columns whose title begins with ">" are aligned
// to the right. Where the terminal is too narrow, the column of the title that
// begins with "~" gives way, then the one that begins with "?" is left out, and
// if that is not enough, each row becomes lines of its own.
type Table struct {
	Titles []string
	Rows   [][]Cell
}

// Add adds a row of plain texts.
func (t *Table) Add(cells ...Cell) { t.Rows = append(t.Rows, cells) }

// Text is a cell without a colour, cleaned.
func Text(s string) Cell { return Cell{Text: Clean(s)} }

// Painted is a cell with a colour, cleaned.
func Painted(c Colour, s string) Cell { return Cell{Text: Clean(s), Colour: c} }

const gap = "  "

// least is to how many columns the one that gives way may shrink.
const least = 16

// Render writes the table. Without a width it is as wide as its cells.
func (t *Table) Render(s Style) string {
	titles := make([]string, len(t.Titles))
	widths := make([]int, len(t.Titles))
	total, flexible, optional := -len(gap), -1, -1
	for i, title := range t.Titles {
		titles[i] = strings.TrimLeft(title, ">~?")
		widths[i] = utf8.RuneCountInString(titles[i])
		for _, row := range t.Rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i].Text))
		}
		total += widths[i] + len(gap)
		switch title[0] {
		case '~':
			flexible = i
		case '?':
			optional = i
		}
	}
	shrink := 0
	if flexible >= 0 {
		shrink = max(0, widths[flexible]-least)
	}
	if s.Width > 0 && total-shrink > s.Width && optional >= 0 {
		total -= widths[optional] + len(gap)
	} else {
		optional = -1
	}
	if s.Width > 0 && total-shrink > s.Width {
		return t.stacked(s, titles)
	}
	if s.Width > 0 && total > s.Width {
		widths[flexible] -= total - s.Width
	}
	var b strings.Builder
	line := func(cells []Cell) {
		var l strings.Builder
		for i, c := range cells {
			if i == optional {
				continue
			}
			if l.Len() > 0 {
				l.WriteString(gap)
			}
			text := Cut(c.Text, widths[i])
			padded := Pad(text, widths[i], strings.HasPrefix(t.Titles[i], ">"))
			l.WriteString(strings.Replace(padded, text, s.Paint(c.Colour, text), 1))
		}
		b.WriteString(strings.TrimRight(l.String(), " "))
		b.WriteByte('\n')
	}
	head := make([]Cell, len(titles))
	for i, title := range titles {
		head[i] = Cell{title, Bold}
	}
	line(head)
	for _, row := range t.Rows {
		line(row)
	}
	return b.String()
}

// stacked writes each row as its cells one after the other, with their titles,
// on as many lines as it takes.
func (t *Table) stacked(s Style, titles []string) string {
	var b strings.Builder
	for _, row := range t.Rows {
		column := 0
		for i, c := range row {
			if strings.TrimSpace(c.Text) == "" {
				continue
			}
			title := strings.ToLower(titles[i])
			n := utf8.RuneCountInString(title + " " + c.Text)
			switch {
			case column == 0:
			case column+len(gap)+n > s.Width:
				b.WriteString("\n" + gap)
				column = len(gap)
			default:
				b.WriteString(gap)
				column += len(gap)
			}
			b.WriteString(s.Paint(Dim, title) + " " + s.Paint(c.Colour, c.Text))
			column += n
		}
		b.WriteByte('\n')
	}
	return b.String()
}
