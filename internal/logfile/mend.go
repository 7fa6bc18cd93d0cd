package logfile

import (
	"bytes"
	"encoding/json"
	"os"
)

// longestTorn bounds the torn line that is taken for one of ours: a record is
// at most 1 MiB.
const longestTorn = 2 << 20

// mend makes the file end with a whole line, so that the next one can be read.
// A power cut or a kill inside write(2) may have left half a line, or zeros in
// the place of data that never reached the disk. Zeros and half a record are
// cut; a record that lacks only its newline gets it; and so does a tail too long
// to be ours, which is not ours to cut.
func mend(f *os.File) (size int64, mended bool, err error) {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return 0, false, err
	}
	size = info.Size()
	end, err := lastIndex(f, size, func(b []byte) int {
		return len(bytes.TrimRight(b, "\x00")) - 1
	})
	if err != nil {
		return 0, false, err
	}
	end++ // Behind the last byte that is not zero.
	start, err := lastIndex(f, end, func(b []byte) int { return bytes.LastIndexByte(b, '\n') })
	if err != nil {
		return 0, false, err
	}
	start++ // Behind the last newline: where the torn line starts.
	if start == size {
		return size, false, nil
	}
	whole := false
	if end-start > longestTorn {
		whole = true
	} else if end > start {
		line := make([]byte, end-start)
		if _, err := f.ReadAt(line, start); err != nil {
			return 0, false, err
		}
		whole = json.Valid(line)
	}
	if !whole {
		return start, true, f.Truncate(start)
	}
	if end < size {
		if err := f.Truncate(end); err != nil {
			return 0, false, err
		}
	}
	_, err = f.Write(newline)
	return end + 1, true, err
}

// lastIndex searches the first end bytes of the file backwards, in pieces, with
// a function that searches one of them. It returns -1 where nothing is found.
func lastIndex(f *os.File, end int64, search func([]byte) int) (int64, error) {
	buf := make([]byte, 64<<10)
	for end > 0 {
		start := max(end-int64(len(buf)), 0)
		piece := buf[:end-start]
		if _, err := f.ReadAt(piece, start); err != nil {
			return 0, err
		}
		if i := search(piece); i >= 0 {
			return start + int64(i), nil
		}
		end = start
	}
	return -1, nil
}
