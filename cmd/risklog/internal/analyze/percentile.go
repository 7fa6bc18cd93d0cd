package analyze

import (
	"math"
	"slices"
)

// exactValues is how many values a [Values] keeps before it counts in classes.
const exactValues = 1 << 17

// classGrowth is the width of a class: values in it differ by at most 1 %.
const classGrowth = 1.01

// Values is a set of durations, for their percentiles. Those of up to 131,072
// values are exact, of more are right within 1 %. The zero value is empty.
type Values struct {
	exact   []float64
	sorted  bool
	classes map[int]int
	n       int
	max     float64
	sum     float64
}

// Add adds a value.
func (v *Values) Add(x float64) {
	if v.n == 0 || x > v.max {
		v.max = x
	}
	v.n++
	v.sum += x
	if v.classes != nil {
		v.classes[class(x)]++
		return
	}
	v.exact, v.sorted = append(v.exact, x), false
	if len(v.exact) > exactValues {
		v.classes = map[int]int{}
		for _, x := range v.exact {
			v.classes[class(x)]++
		}
		v.exact = nil
	}
}

func class(x float64) int {
	if x <= 1e-6 {
		return math.MinInt32
	}
	return int(math.Floor(math.Log(x) / math.Log(classGrowth)))
}

// Len is the number of values.
func (v *Values) Len() int { return v.n }

// Max is the largest value, 0 of none.
func (v *Values) Max() float64 { return v.max }

// Sum is the sum of the values.
func (v *Values) Sum() float64 { return v.sum }

// Percentile returns the smallest value that at least p percent of the values
// do not exceed (the nearest rank), 0 of none.
func (v *Values) Percentile(p float64) float64 {
	if v.n == 0 {
		return 0
	}
	rank := min(max(int(math.Ceil(p/100*float64(v.n))), 1), v.n)
	if v.classes == nil {
		if !v.sorted {
			slices.Sort(v.exact)
			v.sorted = true
		}
		return v.exact[rank-1]
	}
	if rank == v.n {
		return v.max
	}
	keys := make([]int, 0, len(v.classes))
	for k := range v.classes {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		if rank -= v.classes[k]; rank <= 0 {
			if k == math.MinInt32 {
				return 0
			}
			return min(math.Pow(classGrowth, float64(k)+0.5), v.max)
		}
	}
	return v.max
}
