package main

import (
	"fmt"
	"math/big"
	"net"
	"net/url"
	"regexp"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/miekg/dns"
)

var networks = map[string]func() any{
	"gopacket": func() any {
		all := make([]gopacket.Packet, 5000)
		for i := range all {
			buffer := gopacket.NewSerializeBuffer()
			ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolUDP, SrcIP: net.IPv4(10, 0, 0, 1).To4(),
				DstIP: net.IPv4(10, 0, byte(i>>8), byte(i)).To4()}
			udp := &layers.UDP{SrcPort: 1000, DstPort: 53}
			if err := gopacket.SerializeLayers(buffer, gopacket.SerializeOptions{FixLengths: true},
				&layers.Ethernet{SrcMAC: make(net.HardwareAddr, 6), DstMAC: make(net.HardwareAddr, 6),
					EthernetType: layers.EthernetTypeIPv4}, ip, udp, gopacket.Payload("some payload")); err != nil {
				panic(err)
			}
			all[i] = gopacket.NewPacket(buffer.Bytes(), layers.LayerTypeEthernet, gopacket.Default)
		}
		return all
	},
	"DNS messages": func() any {
		all := make([]*dns.Msg, 5000)
		for i := range all {
			all[i] = new(dns.Msg).SetQuestion(fmt.Sprintf("host%d.example.org.", i), dns.TypeA)
			for j := range 3 {
				all[i].Answer = append(all[i].Answer,
					must(dns.NewRR(fmt.Sprintf("host%d.example.org. 60 IN A 10.0.0.%d", i, j))))
			}
		}
		return all
	},
	"URLs": func() any {
		all := make([]*url.URL, 50_000)
		for i := range all {
			all[i] = must(url.Parse(fmt.Sprintf("https://user:pw@host%d.example.org/path/%d?q=%d", i, i, i)))
		}
		return all
	},
	"regular expressions": func() any {
		all := make([]*regexp.Regexp, 2000)
		for i := range all {
			all[i] = regexp.MustCompile(fmt.Sprintf(`^(a|b%d)+[c-f]*\d{2,%d}(x|y|z)?$`, i, 3+i%9))
		}
		return all
	},
	"big integers": func() any {
		all := make([]*big.Int, 100_000)
		for i := range all {
			all[i] = new(big.Int).Lsh(big.NewInt(int64(i)), uint(i%500))
		}
		return all
	},
}
