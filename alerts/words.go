// SPDX-License-Identifier: Apache-2.0

package alerts

// The messages. Their words never change and name nothing: a mailbox is read by
// the people who run it, by whoever walks past the screen, and by phones on tables.
// There is no link, so that nobody learns to click on one that looks alike.

// Critical is the message that something cannot wait.
func Critical(to string) Message {
	return Message{
		To:      to,
		Subject: "Open Sealwatch now — do not wait",
		Text: "Something needs you now.\n\n" +
			"Please open Sealwatch, in the way you always do. Do not wait for the next lesson to end.\n\n" +
			"This message says no more on purpose. If you cannot sign in, call your deputy or the headteacher now.\n",
	}
}

// Morning is the message of every school morning.
func Morning(to string) Message {
	return Message{
		To:      to,
		Subject: "Sealwatch",
		Text: "Sealwatch is running. Please sign in when you next can.\n\n" +
			"This message comes on every school morning, whether or not something waits for you.\n" +
			"If it does not come, tell your IT team that Sealwatch may have stopped.\n",
	}
}

// Test is the message by which a technician sees that mail arrives.
func Test(to string) Message {
	return Message{
		To:      to,
		Subject: "Sealwatch: a test",
		Text: "This is a test. A technician has asked Sealwatch to send it. Nothing waits for you.\n\n" +
			"If you can read this, notices from Sealwatch reach this mailbox.\n" +
			"Look whether it came into the inbox and not among the junk, and whether a phone shows it.\n",
	}
}
