// The main job with the generated Go packages: sign in, make an app and a key, ask in both modes, list, read an error.
//
//	PARLEY_URL=http://127.0.0.1:5001 PARLEY_EMAIL=… PARLEY_PASSWORD=… go run .
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"

	"parley/console"
	"parley/service"
	"parley/web"
)

func main() {
	log.SetFlags(0)
	url, anyone := os.Getenv("PARLEY_URL"), context.Background()

	desk := console.NewConfiguration()
	desk.Servers = console.ServerConfigurations{{URL: url + "/console/api"}}
	owner := console.NewAPIClient(desk)
	account := console.NewLoginRequest(os.Getenv("PARLEY_EMAIL"), os.Getenv("PARLEY_PASSWORD"))
	session, _, err := owner.AuthenticationAPI.Login(anyone).LoginRequest(*account).Execute()
	check(err)
	asOwner := context.WithValue(anyone, console.ContextAccessToken, session.Data.AccessToken)
	app, _, err := owner.AppsAPI.CreateApp(asOwner).AppCreateRequest(*console.NewAppCreateRequest("Go smoke", "chat")).Execute()
	check(err)
	key, _, err := owner.APIKeysAPI.CreateAppApiKey(asOwner, app.Id).Execute()
	check(err)

	counter := service.NewConfiguration()
	counter.Servers = service.ServerConfigurations{{URL: url + "/v1"}}
	partner := service.NewAPIClient(counter)
	asPartner := context.WithValue(anyone, service.ContextAccessToken, key.GetToken())
	question := service.NewChatRequest("Hello?", "ada")
	question.SetResponseMode(service.ANSWERMODE_BLOCKING)
	answer, _, err := partner.ChatAPI.CreateChatMessage(asPartner).ChatRequest(*question).Execute()
	check(err)
	listed, _, err := partner.ConversationsAPI.ListConversations(asPartner).User("ada").Limit(5).Execute()
	check(err)
	if len(listed.Data) != 1 || listed.Data[0].Id != answer.ConversationId {
		log.Fatalf("not the conversation of the answer: %v", listed.Data)
	}

	question.SetResponseMode(service.ANSWERMODE_STREAMING)
	events := stream(url+"/v1/chat-messages", key.GetToken(), question)
	if _, ended := events[len(events)-1].GetActualInstance().(*service.ChatMessageEndEvent); !ended {
		log.Fatalf("the stream ends with %v", events[len(events)-1].GetActualInstance())
	}

	nothing := "00000000-0000-7000-8000-000000000000"
	_, _, err = partner.MessagesAPI.ListMessages(asPartner).User("ada").ConversationId(nothing).Execute()
	var refused *service.GenericOpenAPIError
	if !errors.As(err, &refused) {
		log.Fatalf("not refused, but %v", err)
	}
	if body, is := refused.Model().(service.ErrorBody); !is || body.Code != "not_found" {
		log.Fatalf("refused with %s", refused.Body())
	}

	site := web.NewConfiguration()
	site.Servers = web.ServerConfigurations{{URL: url + "/api"}}
	_, answered, _ := web.NewAPIClient(site).ApplicationAPI.GetAppParameters(anyone).Execute()
	if answered.StatusCode != http.StatusUnauthorized {
		log.Fatalf("a stranger gets %s", answered.Status)
	}
	fmt.Printf("Go: %d events, %d tokens\n", len(events), answer.Metadata.Usage.TotalTokens)
}

// stream asks and returns the events of the answer, each read as the type that its name stands for.
func stream(url, token string, question *service.ChatRequest) []service.ChatEvent {
	body, err := json.Marshal(question)
	check(err)
	request, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	check(err)
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	check(err)
	defer answer.Body.Close()
	var events []service.ChatEvent
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		if data, found := strings.CutPrefix(lines.Text(), "data: "); found {
			var event service.ChatEvent
			check(json.Unmarshal([]byte(data), &event))
			events = append(events, event)
		}
	}
	check(lines.Err())
	return events
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
