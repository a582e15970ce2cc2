// Command expr answers what expr-lang makes of expressions: a JSON question a line, a JSON answer a line.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/expr-lang/expr"
)

type question struct {
	Text string `json:"text"`
	// The environment of expr's own generated expressions, whose types are known.
	IsGenerated bool           `json:"isGenerated"`
	Environment map[string]any `json:"environment"`
}

type answer struct {
	Compile string  `json:"compile,omitempty"`
	Run     string  `json:"run,omitempty"`
	Value   *string `json:"value,omitempty"`
}

// Foo has the name that expr's generated expressions use.
type Foo struct {
	Bar string
}

func (Foo) String() string {
	return "foo"
}

func generatedEnvironment() map[string]any {
	return map[string]any{
		"ok":    true,
		"i":     1,
		"str":   "str",
		"f64":   0.5,
		"array": []int{1, 2, 3, 4, 5},
		"foo":   Foo{"foo"},
		"list":  []Foo{{"bar"}, {"baz"}},
		"add":   func(a, b int) int { return a + b },
		"greet": func(name string) string { return "Hello, " + name },
	}
}

func main() {
	decoder := json.NewDecoder(bufio.NewReaderSize(os.Stdin, 1<<20))
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	for decoder.More() {
		var asked question
		if err := decoder.Decode(&asked); err != nil {
			panic(err)
		}
		if err := encoder.Encode(reply(asked)); err != nil {
			panic(err)
		}
	}
}

func reply(asked question) answer {
	environment := asked.Environment
	var options []expr.Option
	if asked.IsGenerated {
		environment = generatedEnvironment()
		options = append(options, expr.Env(environment))
	}
	program, err := expr.Compile(asked.Text, options...)
	if err != nil {
		return answer{Compile: err.Error()}
	}
	value, err := expr.Run(program, environment)
	if err != nil {
		return answer{Run: err.Error()}
	}
	text := fmt.Sprintf("%v", value)
	return answer{Value: &text}
}
