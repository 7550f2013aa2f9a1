#!/bin/sh
# confluent-kafka-go 2.11.1, serde/avrov2 (hamba/avro 2.24.0, which it asks for; 2.31.0 does the same): a decimal
# that may be null is read as zero into a field of *big.Rat, and so is one that may not into a field of
# big.Rat. The decoder stores a pointer to the number where the number itself should be, which
# overwrites the number's sign and leaves its digits empty.
#
# Expected: 105433.6 comes back from the struct that it was written from, or is refused.
# Seen: 0, without an error; other readers find the bytes right. *big.Rat for a decimal that cannot be
# null reads right. Needs go and a C compiler, and takes some minutes.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > main.go <<'GO'
package main

import (
	"fmt"
	"math/big"
	"os"

	sr "github.com/confluentinc/confluent-kafka-go/v2/schemaregistry"
	"github.com/confluentinc/confluent-kafka-go/v2/schemaregistry/serde"
	"github.com/confluentinc/confluent-kafka-go/v2/schemaregistry/serde/avrov2"
)

const decimal = `{"type":"bytes","logicalType":"decimal","precision":28,"scale":10}`

type byPointer struct {
	Price *big.Rat `avro:"price"`
}

type byValue struct {
	Price big.Rat `avro:"price"`
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// thereAndBack writes one struct and reads the bytes into another.
func thereAndBack(topic, kind string, from, into any) {
	client, err := sr.NewClient(sr.NewConfig("mock://" + topic))
	check(err)
	schema := `{"type":"record","name":"T","fields":[{"name":"price","type":` + kind + `}]}`
	_, err = client.Register(topic+"-value", sr.SchemaInfo{Schema: schema}, false)
	check(err)
	conf := avrov2.NewSerializerConfig()
	conf.AutoRegisterSchemas, conf.UseLatestVersion = false, true
	writer, err := avrov2.NewSerializer(client, serde.ValueSerde, conf)
	check(err)
	value, err := writer.Serialize(topic, from)
	check(err)
	reader, err := avrov2.NewDeserializer(client, serde.ValueSerde, avrov2.NewDeserializerConfig())
	check(err)
	check(reader.DeserializeInto(topic, value, into))
}

func main() {
	price := big.NewRat(1054336, 10)
	var plain, nullable byPointer
	var inPlace byValue
	thereAndBack("plain", decimal, &byPointer{price}, &plain)
	thereAndBack("nullable", `["null",`+decimal+`]`, &byPointer{price}, &nullable)
	thereAndBack("inPlace", decimal, &byValue{*price}, &inPlace)
	fmt.Println("*big.Rat:", plain.Price.FloatString(1))
	fmt.Println("*big.Rat that may be null:", nullable.Price.FloatString(1))
	fmt.Println("big.Rat:", inPlace.Price.FloatString(1))
	zero := nullable.Price.Num().BitLen() == 0 && inPlace.Price.Num().BitLen() == 0
	if plain.Price.Cmp(price) != 0 || !zero {
		os.Exit(1)
	}
}
GO
cat > go.mod <<'MODULE'
module finding

go 1.21

require github.com/confluentinc/confluent-kafka-go/v2 v2.11.1
MODULE
go mod tidy 2>/dev/null
go run .
