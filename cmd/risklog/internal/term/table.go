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
// to the right. The last column is as wide as the terminal has room for, the
// column of the title that begins with "~" gives way.
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

// Render writes the table.
func (t *Table) Render(s Style) string {
	widths := make([]int, len(t.Titles))
	titles := make([]string, len(t.Titles))
	flexible, total := -1, 0
	for i, title := range t.Titles {
		titles[i] = strings.TrimLeft(title, ">~")
		widths[i] = utf8.RuneCountInString(titles[i])
		for _, row := range t.Rows {
			if i < len(row) {
				widths[i] = max(widths[i], utf8.RuneCountInString(row[i].Text))
			}
		}
		if strings.HasPrefix(title, "~") {
			flexible = i
		}
		total += widths[i] + len(gap)
	}
	if over := total - len(gap) - s.Width; flexible >= 0 && s.Width > 0 && over > 0 {
		widths[flexible] = min(widths[flexible], max(widths[flexible]-over, 16))
	}
	var b strings.Builder
	line := func(cells []Cell) {
		var l strings.Builder
		for i, c := range cells {
			text := Cut(c.Text, widths[i])
			padded := Pad(text, widths[i], strings.HasPrefix(t.Titles[i], ">"))
			if i == len(cells)-1 {
				padded = strings.TrimRight(padded, " ")
			}
			l.WriteString(strings.Replace(padded, text, s.Paint(c.Colour, text), 1))
			if i < len(cells)-1 {
				l.WriteString(gap)
			}
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
