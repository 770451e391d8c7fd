package page_test

import (
	"fmt"
	"strings"

	"github.com/bitcoin-mem/memsize/internal/page"
)

// Whatever the data hold is text: no tag in them is one of the page.
func Example() {
	var out strings.Builder
	if err := page.Write(&out, "<b>", map[string]string{"title": "</script>"}); err != nil {
		fmt.Println(err)
	}
	fmt.Println(strings.Contains(out.String(), "<title>&lt;b&gt;</title>"))
	fmt.Println(strings.Contains(out.String(), `{"title":"\u003c/script\u003e"}`))
	// Output:
	// true
	// true
}
