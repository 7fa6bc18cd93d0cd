package mask_test

import (
	"fmt"
	"log/slog"

	"riskmanager.internal/otel/mask"
)

func Example() {
	m := mask.Default()
	fmt.Println(m.String(`login user=bob password="hunter 2" via postgres://app:s3cr3t@db:5432/app`))
	fmt.Println(m.String(`{"card":4111111111111111,"order_id":1234567890123456789,"mail":"bob@example.com"}`))
	fmt.Println(m.Attr(slog.Group("request", "path", "/orders", "apiKey", "k-1")))
	// Output:
	// login user=bob password="***MASKED***" via postgres://app:***MASKED***@db:5432/app
	// {"card":"***MASKED***","order_id":1234567890123456789,"mail":"***@example.com"}
	// request=[path=/orders apiKey=***MASKED***]
}

func ExampleNew() {
	m, err := mask.New(mask.Config{
		Keys:      []string{"badge"},
		AllowKeys: []string{"page_token"},
		Patterns:  []string{`EMP-\d{6}`},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.String("badge=77 page_token=abc seen EMP-123456"))
	// Output: badge=***MASKED*** page_token=abc seen ***MASKED***
}

func ExampleMasker_Append() {
	m := mask.Default()
	buf := make([]byte, 0, 256)
	for _, line := range []string{"all is well", "token=abc123"} {
		out, dirty := m.Append(buf, line)
		if !dirty {
			out = append(out, line...)
		}
		fmt.Printf("%s\n", out)
	}
	// Output:
	// all is well
	// token=***MASKED***
}
