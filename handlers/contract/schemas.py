"""The named schemas of all documents.

Generated from openapi/ by `python -m parley.codegen`; changes belong there.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict


class AccessMode(TypedDict):
    """Who may use the app's page."""

    accessMode: AccessModeWord


AccessModeWord: TypeAlias = "Literal['public']"
"""Always `public`; a page is open to everybody who knows its address."""


class Account(TypedDict):
    """A person who signs in to the Console."""

    id: str
    name: str
    email: str
    avatar: str | None
    avatar_url: str | None
    is_password_set: bool
    interface_language: str | None
    interface_theme: str | None
    timezone: str | None
    last_login_at: int | None
    last_login_ip: str | None
    created_at: int


class AccountAvatar(TypedDict):
    """The account's picture from now on."""

    avatar: str


class AccountLanguage(TypedDict):
    """The account's language from now on."""

    interface_language: InterfaceLanguage


class AccountName(TypedDict):
    """What the account is called from now on."""

    name: str


class AccountPassword(TypedDict):
    """The account's password from now on, twice."""

    password: NotRequired[str | None]
    new_password: NewPassword
    repeat_new_password: str


class AccountTheme(TypedDict):
    """The account's theme from now on."""

    interface_theme: InterfaceTheme


class AccountTimezone(TypedDict):
    """The account's time zone from now on."""

    timezone: TimeZone


class ActivationRequest(TypedDict):
    """An invitation, and what the new account is like."""

    token: str
    workspace_id: NotRequired[str | None]
    email: NotRequired[str | None]
    name: str
    password: NotRequired[OptionalNewPassword]
    interface_language: InterfaceLanguage
    timezone: TimeZone


class ActivationResult(TypedDict):
    """The account is a member; a new one is signed in."""

    result: ResultWord
    data: ActivationTokens


ActivationTokens: TypeAlias = "ActivationTokensValue | None"
"""What a new account goes on with; null for an account that signs in with the password it has."""


class ActivationTokensValue(TypedDict):
    """What a new account goes on with; null for an account that signs in with the password it has."""

    access_token: str
    refresh_token: str
    expires_in: int


class AdminFeedbackRequest(TypedDict):
    """An administrator's rating of an answer, in place of the earlier one."""

    message_id: Id
    rating: NotRequired[RatingChoice]
    content: NotRequired[str | None]


class AgentIteration(TypedDict):
    """One thought, the tools that it asked for, and what they answered."""

    position: int
    thought: str
    tool_calls: list[AgentToolCall]
    tool_raw: AgentToolTexts
    created_at: UnixTime
    files: list[str]


class AgentLog(TypedDict):
    """How an agent came to one answer."""

    meta: AgentLogMeta
    iterations: list[AgentIteration]
    files: list[str]


class AgentLogData(TypedDict):
    """What an agent does."""

    node_execution_id: Id
    id: str
    label: str
    parent_id: str | None
    error: str | None
    status: AgentStepStatus
    data: FreeObject
    metadata: FreeObject
    node_id: str


class AgentLogEvent(TypedDict):
    """A step of an agent; sent when it begins, and again with the same id when it ends."""

    event: AgentLogWord
    task_id: Id
    workflow_run_id: Id
    conversation_id: NotRequired[Id]
    message_id: NotRequired[Id]
    created_at: NotRequired[UnixTime]
    data: AgentLogData


class AgentLogMeta(TypedDict):
    """The run as a whole."""

    status: MessageStatus
    executor: str | None
    start_time: UnixTime
    elapsed_time: float
    total_tokens: Count
    agent_mode: AgentStrategyWord
    iterations: Count


AgentLogWord: TypeAlias = "Literal['agent_log']"
"""Always `agent_log`."""


class AgentMessageEvent(TypedDict):
    """The next part of an agent's answer."""

    event: AgentMessageWord
    task_id: Id
    conversation_id: Id
    message_id: Id
    created_at: UnixTime
    id: Id
    answer: str


AgentMessageWord: TypeAlias = "Literal['agent_message']"
"""Always `agent_message`."""

AgentMode: TypeAlias = "AgentModeValue | None"
"""How an agent reasons, and with which tools."""


class AgentModeValue(TypedDict):
    """How an agent reasons, and with which tools."""

    enabled: NotRequired[bool | None]
    strategy: NotRequired[str | None]
    max_iteration: NotRequired[int | None]
    tools: NotRequired[list[FreeObject] | None]


AgentStepStatus: TypeAlias = "Literal['start', 'success', 'error']"
"""Whether the step goes on, or how it ended."""

AgentStrategyWord: TypeAlias = "Literal['function_call', 'react', 'auto']"
"""How the app wants its agent to reason; `auto` leaves it to what the model can do."""


class AgentThought(TypedDict):
    """One step of an agent."""

    id: Id
    message_id: Id
    position: int
    thought: str
    observation: str
    tool: str
    tool_labels: FreeObject
    tool_input: str
    created_at: UnixTime
    files: list[str]


class AgentThoughtEvent(TypedDict):
    """A step of an agent; sent when it begins, and again with the same id when more is known."""

    event: AgentThoughtWord
    task_id: Id
    conversation_id: Id
    message_id: Id
    created_at: UnixTime
    id: Id
    position: int
    thought: NotRequired[str]
    observation: NotRequired[str]
    tool: NotRequired[str]
    tool_labels: NotRequired[FreeObject]
    tool_input: NotRequired[str]
    message_files: NotRequired[list[str]]


AgentThoughtWord: TypeAlias = "Literal['agent_thought']"
"""Always `agent_thought`."""


class AgentToolCall(TypedDict):
    """One call of a tool."""

    status: AgentToolStatus
    tool_name: str
    tool_label: FreeObject
    tool_input: Any
    tool_output: str
    tool_icon: OptionalToolIcon


AgentToolStatus: TypeAlias = "Literal['answered', 'unanswered']"
"""Whether the tool answered, be it with a refusal; `unanswered` if the run ended before."""


class AgentToolTexts(TypedDict):
    """What all tools of a thought were asked and answered, as JSON by the tool's name."""

    inputs: str
    outputs: str


class AllDocumentStatuses(TypedDict):
    """How far all documents of a dataset have come."""

    data: list[DocumentStatus]


class Annotation(TypedDict):
    """An answer that a person wrote for a question."""

    id: Id
    question: str
    answer: str
    hit_count: int
    created_at: UnixTime


class AnnotationAuthor(TypedDict):
    """Who wrote the annotation; null where it came through the API."""

    id: str | None
    name: str


class AnnotationCount(TypedDict):
    """How many annotations an app has."""

    count: Count


class AnnotationEmbedding(TypedDict):
    """The model whose vectors tell likeness; empty while annotation reply is off."""

    embedding_provider_name: NotRequired[str]
    embedding_model_name: NotRequired[str]


class AnnotationExport(TypedDict):
    """All annotations of an app, newest first."""

    data: list[Annotation]


AnnotationFilter: TypeAlias = "Literal['all', 'annotated', 'not_annotated']"
"""Whether an answer of theirs was annotated."""


class AnnotationHit(TypedDict):
    """A question that an annotation answered; `match` and `response` are the annotation as it was then."""

    id: Id
    source: str
    score: float
    question: str
    created_at: UnixTime
    match: str
    response: str


class AnnotationHitList(TypedDict):
    """One page of the questions that an annotation answered, newest first."""

    data: list[AnnotationHit]
    has_more: bool
    limit: int
    total: Count
    page: int


class AnnotationImport(TypedDict):
    """An import, and how many annotations it added."""

    job_id: Id
    job_status: AnnotationJobStatus
    record_count: Count


class AnnotationImportForm(TypedDict):
    """A CSV file with a heading, of at most 5 MB and 10 000 rows."""

    file: str


class AnnotationJob(TypedDict):
    """A job that was just queued."""

    job_id: Id
    job_status: AnnotationJobStatus


class AnnotationJobDetail(TypedDict):
    """Where a job stands, and why it failed."""

    job_id: Id
    job_status: AnnotationJobStatus
    error_msg: str


AnnotationJobStatus: TypeAlias = "Literal['waiting', 'processing', 'completed', 'error']"
"""Where a job stands."""


class AnnotationList(TypedDict):
    """One page of annotations, newest first."""

    data: list[Annotation]
    has_more: bool
    limit: int
    total: Count
    page: int


class AnnotationReply(TypedDict):
    """The annotation that answered in the model's place."""

    id: Id
    account: AnnotationAuthor


AnnotationReplyAction: TypeAlias = "Literal['enable', 'disable']"
"""Whether annotations shall answer."""


class AnnotationReplyRequest(TypedDict):
    """From which likeness on an annotation answers, and the model whose vectors tell likeness."""

    score_threshold: float
    embedding_provider_name: str
    embedding_model_name: str


class AnnotationRequest(TypedDict):
    """A question and the answer to give."""

    question: str
    answer: str


class AnnotationSetting(TypedDict):
    """How an app's annotations are found; `enabled` alone where they do not answer."""

    id: NotRequired[Id]
    enabled: bool
    score_threshold: NotRequired[float]
    embedding_model: NotRequired[AnnotationEmbedding]


class AnnotationThreshold(TypedDict):
    """From which likeness on an annotation answers."""

    score_threshold: float


class AnswerMetadata(TypedDict):
    """What the answer cost, and the sources it rests on."""

    usage: NotRequired[Usage]
    retriever_resources: NotRequired[list[RetrieverResource]]
    annotation_reply: NotRequired[AnnotationReply]
    price_known: NotRequired[bool]
    usage_estimated: NotRequired[bool]


AnswerMode: TypeAlias = "Literal['blocking', 'streaming', 'async', None]"
"""`streaming` answers with server-sent events as they come; `blocking` waits for the end and answers once; `async` answers 202 at once and leaves the rest to `GET /tasks/{task_id}`, to the run's events, or to a webhook."""

AnyValue: TypeAlias = "Any"
"""Any JSON value but null."""

ApiAccessAction: TypeAlias = "Literal['enable', 'disable']"
"""Whether keys may use the dataset."""


class ApiBaseInfo(TypedDict):
    """Where the Service API answers."""

    api_base_url: str


class ApiExtension(TypedDict):
    """A service of the workspace's own that moderates texts and gives external data; its key is masked."""

    id: Id
    name: str
    api_endpoint: str
    api_key: str
    created_at: UnixTime


ApiExtensionList: TypeAlias = "list[ApiExtension]"
"""The workspace's API extensions, newest first."""


class ApiExtensionRequest(TypedDict):
    """A service; it must answer the point `ping` before it is kept."""

    name: str
    api_endpoint: str
    api_key: str


class ApiKey(TypedDict):
    """An API key as it is listed; the secret is masked."""

    id: str
    type: ApiKeyType
    token: str
    name: str | None
    permissions: list[ApiKeyPermission] | None
    access: ApiKeyAccess
    app_id: str | None
    dataset_ids: list[str] | None
    max_active_requests: NotRequired[int | None]
    expires_at: int | None
    last_used_at: int | None
    created_at: int


ApiKeyAccess: TypeAlias = "Literal['read', 'write', 'admin', None]"
"""The highest access; `write` includes `read`, `admin` includes both."""


class ApiKeyList(TypedDict):
    """All keys, newest first."""

    data: list[ApiKey]


ApiKeyPermission: TypeAlias = "Literal['chat', 'completion', 'workflow', 'dataset', 'app']"
"""A group of operations."""


class ApiKeyRequest(TypedDict):
    """A key for one app (`app_id`), for knowledge bases (`dataset_ids`), or for the whole workspace."""

    name: str
    permissions: NotRequired[list[ApiKeyPermission] | None]
    access: NotRequired[ApiKeyAccess]
    app_id: NotRequired[str | None]
    dataset_ids: NotRequired[list[str] | None]
    max_active_requests: NotRequired[int | None]
    expires_at: NotRequired[int | None]


ApiKeyRestrictions: TypeAlias = "ApiKeyRestrictionsValue | None"
"""Every field is optional; a key without restrictions may do all that its type allows."""


class ApiKeyRestrictionsValue(TypedDict):
    """Every field is optional; a key without restrictions may do all that its type allows."""

    name: NotRequired[str | None]
    permissions: NotRequired[list[ApiKeyPermission] | None]
    access: NotRequired[ApiKeyAccess]
    max_active_requests: NotRequired[int | None]
    expires_at: NotRequired[int | None]
    dataset_ids: NotRequired[list[str] | None]


ApiKeyType: TypeAlias = "Literal['app', 'dataset', 'workspace']"
"""What the key stands for, told by its prefix as well."""


class ApiToggle(TypedDict):
    """Whether the app's keys serve."""

    enable_api: bool


ApiToolAuthType: TypeAlias = "Literal['none', 'api_key', 'api_key_header', 'api_key_query', None]"
"""How an API is told who calls; `api_key` is an older word for `api_key_header`."""

ApiToolCredentials: TypeAlias = "ApiToolCredentialsValue | None"
"""How an API is told who calls."""


class ApiToolCredentialsValue(TypedDict):
    """How an API is told who calls."""

    auth_type: NotRequired[ApiToolAuthType]
    api_key_value: NotRequired[str | None]
    api_key_header: NotRequired[str | None]
    api_key_header_prefix: NotRequired[ApiToolPrefix]
    api_key_query_param: NotRequired[str | None]


ApiToolName: TypeAlias = "str"
"""What a provider is called, once in a workspace."""


class ApiToolOperation(TypedDict):
    """An operation that becomes a tool."""

    server_url: str
    method: str
    path: str
    summary: str
    operation_id: str
    parameters: list[ToolParameter]


ApiToolPrefix: TypeAlias = "Literal['basic', 'bearer', 'custom', 'no_prefix', None]"
"""What stands before the value in the header; `basic` encodes a `name:password`."""


class ApiToolProviderDeletion(TypedDict):
    """Which API to forget."""

    provider: ApiToolName


class ApiToolProviderDetail(TypedDict):
    """An API as it was added; secret fields are masked."""

    schema_type: str
    schema: str
    tools: list[ApiToolOperation]
    icon: ToolIcon
    description: str
    credentials: FreeObject
    privacy_policy: str
    custom_disclaimer: str
    labels: ToolLabels


class ApiToolProviderRequest(TypedDict):
    """An API whose operations become tools."""

    provider: ApiToolName
    schema_type: NotRequired[ApiToolSchemaType]
    schema: ApiToolSchemaText
    credentials: NotRequired[ApiToolCredentials]
    icon: NotRequired[OptionalToolIcon]
    privacy_policy: NotRequired[str | None]
    custom_disclaimer: NotRequired[str | None]
    labels: NotRequired[ToolLabels]


class ApiToolProviderUpdate(TypedDict):
    """New values for an API; the whole of it, as in `addApiToolProvider`."""

    provider: ApiToolName
    original_provider: ApiToolName
    schema_type: NotRequired[ApiToolSchemaType]
    schema: ApiToolSchemaText
    credentials: NotRequired[ApiToolCredentials]
    icon: NotRequired[OptionalToolIcon]
    privacy_policy: NotRequired[str | None]
    custom_disclaimer: NotRequired[str | None]
    labels: NotRequired[ToolLabels]


class ApiToolSchema(TypedDict):
    """What a document offers."""

    schema_type: str
    parameters_schema: list[ApiToolOperation]
    credentials_schema: list[FreeObject]
    warning: dict[str, str]


class ApiToolSchemaRequest(TypedDict):
    """A document to read."""

    schema: ApiToolSchemaText


ApiToolSchemaText: TypeAlias = "str"
"""An OpenAPI 3 document, as JSON or YAML."""

ApiToolSchemaType: TypeAlias = "Literal['openapi', None]"
"""What kind of document it is."""


class ApiToolTestRequest(TypedDict):
    """One call of an operation, before or after its API is added."""

    tool_name: str
    provider_name: NotRequired[str | None]
    credentials: NotRequired[ApiToolCredentials]
    parameters: NotRequired[ToolArguments]
    schema_type: NotRequired[ApiToolSchemaType]
    schema: ApiToolSchemaText


class ApiToolTestResult(TypedDict):
    """What came of a call; either `result` or `error`."""

    result: NotRequired[str]
    error: NotRequired[str]


AppCopyRequest: TypeAlias = "AppCopyRequestValue | None"
"""What to call the new app; what is left out is as in the first."""


class AppCopyRequestValue(TypedDict):
    """What to call the new app; what is left out is as in the first."""

    name: NotRequired[str | None]
    description: NotRequired[str | None]
    icon_type: NotRequired[IconType]
    icon: NotRequired[str | None]
    icon_background: NotRequired[str | None]


class AppCreateRequest(TypedDict):
    """An app to be made."""

    name: AppName
    mode: AppMode
    description: NotRequired[str | None]
    icon_type: NotRequired[IconType]
    icon: NotRequired[str | None]
    icon_background: NotRequired[str | None]


class AppFeedback(TypedDict):
    """One rating of an answer of the app."""

    id: Id
    app_id: Id
    conversation_id: str | None
    message_id: Id
    rating: Rating
    content: str | None
    from_source: FeedbackSource
    from_end_user_id: str | None
    from_account_id: str | None
    created_at: str
    updated_at: str


class AppFeedbackList(TypedDict):
    """One page of the app's ratings, newest first."""

    data: list[AppFeedback]


class AppFile(TypedDict):
    """An app as a file."""

    data: str


class AppImport(TypedDict):
    """An import; `error` says what it warns of, or why it waits to be confirmed."""

    id: Id
    status: AppImportStatus
    app_id: str | None
    app_mode: ImportedMode
    current_dsl_version: str
    imported_dsl_version: str
    error: str


AppImportMode: TypeAlias = "Literal['yaml-content', 'yaml-url']"
"""Whether the file is in the request or at an address."""


class AppImportRequest(TypedDict):
    """An app file, and what to call the app where that is not what the file says."""

    mode: AppImportMode
    yaml_content: NotRequired[str | None]
    yaml_url: NotRequired[str | None]
    name: NotRequired[str | None]
    description: NotRequired[str | None]
    icon_type: NotRequired[IconType]
    icon: NotRequired[str | None]
    icon_background: NotRequired[str | None]
    app_id: NotRequired[OptionalId]


AppImportStatus: TypeAlias = "Literal['completed', 'completed-with-warnings', 'pending']"
"""How an import went."""


class AppInfo(TypedDict):
    """What an app is called and does."""

    name: str
    description: str
    tags: list[str]
    mode: AppMode
    author_name: str


class AppKeyCreateRequest(TypedDict):
    """An app to be made by a program; without a mode it is a chat app."""

    name: AppName
    mode: NotRequired[OptionalAppMode]
    description: NotRequired[str | None]
    icon_type: NotRequired[IconType]
    icon: NotRequired[str | None]
    icon_background: NotRequired[str | None]


class AppMeta(TypedDict):
    """The icons of the app's tools, and the model that answers."""

    tool_icons: dict[str, Any]
    provider: str | None
    model: str | None
    max_tokens: int | None


AppMode: TypeAlias = "Literal['chat', 'agent-chat', 'advanced-chat', 'completion', 'workflow']"
"""What an app is: `chat` and `agent-chat` hold conversations, `completion` answers once, `advanced-chat` is a conversation driven by a workflow, `workflow` is a workflow alone."""

AppModeFilter: TypeAlias = "Literal['chat', 'agent-chat', 'advanced-chat', 'completion', 'workflow', 'channel', 'all']"
"""One mode, or `all`."""

AppName: TypeAlias = "str"
"""The name; names may repeat."""


class AppParameters(TypedDict):
    """What a front end needs to know to offer an app; which inputs to ask for, which buttons to show."""

    opening_statement: str
    suggested_questions: list[str]
    suggested_questions_after_answer: FeatureToggle
    speech_to_text: FeatureToggle
    text_to_speech: TextToSpeech
    retriever_resource: FeatureToggle
    annotation_reply: FeatureToggle
    more_like_this: FeatureToggle
    user_input_form: list[FormField]
    sensitive_word_avoidance: FeatureToggle
    file_upload: FileUploadSettings
    system_parameters: SystemParameters
    parameters: list[InputParameter]


class AppSite(TypedDict):
    """The app's own web page, as its owner sees it."""

    access_token: str
    code: str
    title: str
    icon_type: NotRequired[IconType]
    icon: NotRequired[str | None]
    icon_background: NotRequired[str | None]
    icon_url: NotRequired[str | None]
    description: NotRequired[str | None]
    default_language: str
    chat_color_theme: NotRequired[str | None]
    chat_color_theme_inverted: NotRequired[bool]
    customize_domain: NotRequired[str | None]
    copyright: NotRequired[str | None]
    privacy_policy: NotRequired[str | None]
    custom_disclaimer: NotRequired[str | None]
    customize_token_strategy: NotRequired[TokenStrategy]
    prompt_public: bool
    app_base_url: str
    show_workflow_steps: bool
    use_icon_as_answer_icon: NotRequired[bool]
    created_by: NotRequired[str | None]
    created_at: NotRequired[UnixTime]
    updated_by: NotRequired[str | None]
    updated_at: NotRequired[UnixTime]


AppStatus: TypeAlias = "Literal['normal', 'archived']"
"""Deleted apps are no longer shown, so this is `normal` or `archived`."""


class AppUpdateRequest(TypedDict):
    """What to change; what is left out, or null, stays."""

    name: NotRequired[str | None]
    description: NotRequired[str | None]
    icon_type: NotRequired[IconType]
    icon: NotRequired[str | None]
    icon_background: NotRequired[str | None]
    use_icon_as_answer_icon: NotRequired[bool | None]
    enable_site: NotRequired[bool | None]
    enable_api: NotRequired[bool | None]
    api_rpm: NotRequired[int | None]
    api_rph: NotRequired[int | None]
    max_active_requests: NotRequired[int | None]


AppWorkflow: TypeAlias = "AppWorkflowValue | None"
"""The published workflow of the app, if there is one."""


class AppWorkflowValue(TypedDict):
    """The published workflow of the app, if there is one."""

    id: Id
    created_by: NotRequired[str | None]
    created_at: NotRequired[OptionalUnixTime]
    updated_by: NotRequired[str | None]
    updated_at: NotRequired[OptionalUnixTime]


class AudioUpload(TypedDict):
    """Speech to be written down, and the person who spoke."""

    file: str
    user: NotRequired[str]


AuthorRole: TypeAlias = "Literal['account', 'end_user']"
"""Whether an account or an end user began it."""


class AutoDisabledDocuments(TypedDict):
    """The documents that the server has disabled by itself."""

    document_ids: list[Id]
    count: Count


class BlockConfig(TypedDict):
    """What a new node of a type begins with."""

    type: BlockType
    config: FreeObject


BlockConfigList: TypeAlias = "list[BlockConfig]"
"""The types of nodes that an editor can put into a graph."""

BlockType: TypeAlias = "Literal['agent', 'answer', 'assigner', 'code', 'document-extractor', 'end', 'http-request', 'human-input', 'if-else', 'iteration', 'knowledge-retrieval', 'list-operator', 'llm', 'loop', 'loop-end', 'parameter-extractor', 'question-classifier', 'start', 'template-transform', 'tool', 'variable-aggregator']"
"""A type of node."""


class BoundTag(TypedDict):
    """A tag on a dataset."""

    id: Id
    name: TagName


class BoundTagList(TypedDict):
    """The tags on a dataset."""

    data: list[BoundTag]
    total: Count


class Branding(TypedDict):
    """The name and the logos that a front end shows."""

    enabled: bool
    application_title: str
    login_page_logo: str
    workspace_logo: str
    favicon: str


BuiltInAction: TypeAlias = "Literal['enable', 'disable']"
"""Whether documents show their built-in fields."""


class BuiltInField(TypedDict):
    """A field that every document has by itself."""

    name: str
    type: MetadataType


class BuiltInFieldList(TypedDict):
    """The fields that every document has by itself."""

    fields: list[BuiltInField]


class CatalogueModel(TypedDict):
    """One model of a provider."""

    model: str
    label: LocalizedText
    model_type: ModelType
    features: list[str] | None
    model_properties: ModelProperties
    fetch_from: ModelOrigin
    status: ModelStatus
    deprecated: bool
    load_balancing_enabled: bool


class CatalogueModelList(TypedDict):
    """The models of one provider."""

    data: list[CatalogueModel]


class ChatAnswer(TypedDict):
    """The whole answer, in blocking mode."""

    event: MessageEventWord
    task_id: Id
    id: Id
    message_id: Id
    conversation_id: Id
    mode: AppMode
    answer: str
    metadata: AnswerMetadata
    created_at: UnixTime


class ChatDraftRunRequest(TypedDict):
    """What the draft of an app that holds conversations is asked."""

    query: NotRequired[str | None]
    inputs: NotRequired[dict[str, Any] | None]
    files: NotRequired[list[InputFile] | None]
    conversation_id: NotRequired[OptionalId]
    parent_message_id: NotRequired[OptionalId]


ChatEvent: TypeAlias = "ChatMessageEvent | ChatMessageEndEvent | ChatMessageReplaceEvent | ChatMessageFileEvent | AgentMessageEvent | AgentThoughtEvent | SoundEvent | SoundEndEvent | WorkflowStartedEvent | NodeStartedEvent | NodeFinishedEvent | NodeRetryEvent | IterationStartedEvent | IterationNextEvent | IterationCompletedEvent | LoopStartedEvent | LoopNextEvent | LoopCompletedEvent | ReasoningChunkEvent | AgentLogEvent | HumanInputRequiredEvent | HumanInputFilledEvent | HumanInputTimeoutEvent | WorkflowPausedEvent | WorkflowFinishedEvent | ErrorEvent"
"""Everything that a stream of a chat app can hold."""


class ChatMessageEndEvent(TypedDict):
    """The answer is whole; what it cost and rests on."""

    event: MessageEndWord
    task_id: Id
    conversation_id: Id
    message_id: Id
    created_at: UnixTime
    id: Id
    metadata: AnswerMetadata
    files: list[FreeObject] | None


class ChatMessageEvent(TypedDict):
    """The next part of the answer."""

    event: MessageEventWord
    task_id: Id
    conversation_id: Id
    message_id: Id
    created_at: UnixTime
    id: Id
    answer: str
    from_variable_selector: NotRequired[list[str] | None]


class ChatMessageFileEvent(TypedDict):
    """A file that belongs to the answer."""

    event: MessageFileWord
    task_id: Id
    conversation_id: Id
    message_id: Id
    created_at: UnixTime
    id: Id
    type: FileKind
    belongs_to: FileOwner
    url: str


class ChatMessageReplaceEvent(TypedDict):
    """What came so far is to be replaced."""

    event: MessageReplaceWord
    task_id: Id
    conversation_id: Id
    message_id: Id
    created_at: UnixTime
    answer: str
    reason: NotRequired[str]


class ChatRequest(TypedDict):
    """A question to an app that holds conversations, asked for one of your people."""

    query: str
    inputs: NotRequired[dict[str, Any] | None]
    user: User
    response_mode: NotRequired[AnswerMode]
    conversation_id: NotRequired[OptionalId]
    parent_message_id: NotRequired[OptionalId]
    files: NotRequired[list[InputFile] | None]
    auto_generate_name: NotRequired[bool | None]
    workflow_id: NotRequired[str | None]


ChatStream: TypeAlias = "EventFrame | ChatEvent"
"""The frames of a stream as they travel (`EventFrame`), or the event that a frame's `data` holds (`ChatEvent`)."""


class ChildChunk(TypedDict):
    """A smaller piece of a passage, searched for it."""

    id: Id
    segment_id: Id
    content: str
    position: Count
    word_count: Count
    type: ChildChunkType
    created_at: UnixTime
    updated_at: OptionalUnixTime


class ChildChunkBatch(TypedDict):
    """All child chunks that a passage shall have; those that are not among them go."""

    chunks: list[ChildChunkDraft]


class ChildChunkBatchAnswer(TypedDict):
    """The child chunks of the passage, in their order."""

    data: list[ChildChunk]


class ChildChunkDetail(TypedDict):
    """One child chunk."""

    data: ChildChunk


class ChildChunkDraft(TypedDict):
    """A child chunk as it shall be; without `id` it is a new one."""

    id: NotRequired[OptionalId]
    content: SegmentText


class ChildChunkList(TypedDict):
    """One page of child chunks, in their order."""

    data: list[ChildChunk]
    total: Count
    total_pages: Count
    page: int
    limit: int


class ChildChunkText(TypedDict):
    """The text of a child chunk."""

    content: SegmentText


ChildChunkType: TypeAlias = "Literal['automatic', 'customized']"
"""Whether the piece was cut by the program or written by a person."""

ComparedValue: TypeAlias = "str | None | float | list[str]"
"""A text, a number, or a list of texts for `in` and `not in`."""

ComparisonOperator: TypeAlias = "Literal['contains', 'not contains', 'start with', 'end with', 'is', 'is not', 'empty', 'not empty', 'in', 'not in', '=', '≠', '>', '<', '≥', '≤', 'before', 'after']"
"""`>`, `<`, `≥`, `≤`, `before` and `after` compare numbers and times, which are seconds or ISO 8601."""


class CompletionAnswer(TypedDict):
    """The whole answer, in blocking mode."""

    event: MessageEventWord
    task_id: Id
    id: Id
    message_id: Id
    mode: AppMode
    answer: str
    metadata: AnswerMetadata
    created_at: UnixTime


CompletionEvent: TypeAlias = "CompletionMessageEvent | CompletionMessageEndEvent | CompletionMessageReplaceEvent | SoundEvent | SoundEndEvent | ErrorEvent"
"""Everything that a stream of a completion app can hold."""


class CompletionMessageEndEvent(TypedDict):
    """The answer is whole; what it cost and rests on."""

    event: MessageEndWord
    task_id: Id
    message_id: Id
    created_at: UnixTime
    id: Id
    metadata: AnswerMetadata
    files: list[FreeObject] | None


class CompletionMessageEvent(TypedDict):
    """The next part of the answer."""

    event: MessageEventWord
    task_id: Id
    message_id: Id
    created_at: UnixTime
    id: Id
    answer: str


class CompletionMessageReplaceEvent(TypedDict):
    """What came so far is to be replaced."""

    event: MessageReplaceWord
    task_id: Id
    message_id: Id
    created_at: UnixTime
    answer: str
    reason: NotRequired[str]


class CompletionRequest(TypedDict):
    """The inputs of an app that answers once."""

    inputs: dict[str, Any] | None
    query: NotRequired[str | None]
    user: User
    response_mode: NotRequired[AnswerMode]
    files: NotRequired[list[InputFile] | None]


CompletionStream: TypeAlias = "EventFrame | CompletionEvent"
"""The frames of a stream as they travel (`EventFrame`), or the event that a frame's `data` holds (`CompletionEvent`)."""

ConfigurateMethod: TypeAlias = "Literal['predefined-model', 'customizable-model']"
"""Whether credentials are given for the provider or for each model."""

ConfigurationStatus: TypeAlias = "Literal['active', 'no-configure', 'quota-exceeded']"
"""Whether a provider can be used now."""


class ConsoleAnnotationRequest(TypedDict):
    """A question and the answer to give; with `message_id` it corrects the answer of that message."""

    question: str
    answer: str
    message_id: NotRequired[OptionalId]


class ConsoleApp(TypedDict):
    """An app with its site."""

    id: Id
    name: str
    description: str
    mode: AppMode
    status: AppStatus
    icon_type: IconType
    icon: str | None
    icon_background: str | None
    icon_url: str | None
    enable_site: bool
    enable_api: bool
    api_rpm: Count
    api_rph: Count
    is_demo: bool
    max_active_requests: int | None
    model_config: ModelConfig
    workflow: AppWorkflow
    use_icon_as_answer_icon: bool
    tags: list[Tag]
    access_mode: str | None
    create_user_name: str | None
    author_name: str | None
    created_by: str | None
    created_at: UnixTime
    updated_by: str | None
    updated_at: UnixTime
    site: AppSite
    api_base_url: str
    deleted_tools: list[FreeObject]
    tracing: PromptConfig


class ConsoleAppDetails(TypedDict):
    """What an app shows beyond its line in a list."""

    site: AppSite
    api_base_url: str
    deleted_tools: list[FreeObject]
    tracing: PromptConfig


class ConsoleAppList(TypedDict):
    """One page of apps, newest first."""

    data: list[ConsoleAppSummary]
    has_more: bool
    limit: int
    total: Count
    page: int


class ConsoleAppSummary(TypedDict):
    """An app as it is listed."""

    id: Id
    name: str
    description: str
    mode: AppMode
    status: AppStatus
    icon_type: IconType
    icon: str | None
    icon_background: str | None
    icon_url: str | None
    enable_site: bool
    enable_api: bool
    api_rpm: Count
    api_rph: Count
    is_demo: bool
    max_active_requests: int | None
    model_config: ModelConfig
    workflow: AppWorkflow
    use_icon_as_answer_icon: bool
    tags: list[Tag]
    access_mode: str | None
    create_user_name: str | None
    author_name: str | None
    created_by: str | None
    created_at: UnixTime
    updated_by: str | None
    updated_at: UnixTime


class ConsoleFileUpload(TypedDict):
    """One file, and what it is for."""

    file: str
    source: NotRequired[Literal["datasets"]]


class ContainerCompletedData(TypedDict):
    """How an iteration or a loop ended, after how many rounds."""

    id: str
    node_id: str
    node_type: str
    title: str
    created_at: UnixTime
    extras: FreeObject
    inputs: OptionalValues
    inputs_truncated: NotRequired[bool]
    outputs: OptionalValues
    outputs_truncated: NotRequired[bool]
    status: NodeStatus
    error: str | None
    elapsed_time: float
    total_tokens: Count
    execution_metadata: ExecutionMetadata
    finished_at: UnixTime
    steps: Count


class ContainerNextData(TypedDict):
    """The item that begins; `index` counts from 0."""

    id: str
    node_id: str
    node_type: str
    title: str
    created_at: UnixTime
    extras: FreeObject
    index: int


class ContainerStartedData(TypedDict):
    """An iteration or a loop with its inputs, and how many rounds there are at most."""

    id: str
    node_id: str
    node_type: str
    title: str
    created_at: UnixTime
    extras: FreeObject
    metadata: FreeObject
    inputs: OptionalValues
    inputs_truncated: NotRequired[bool]


class Conversation(TypedDict):
    """A row of messages between one person and one app."""

    id: Id
    name: str
    inputs: FreeObject
    status: ConversationStatus
    introduction: str | None
    created_at: UnixTime
    updated_at: UnixTime


class ConversationList(TypedDict):
    """Part of a list of conversations."""

    limit: int
    has_more: bool
    data: list[Conversation]
    last_id: NotRequired[str | None]
    page: NotRequired[int]
    total: NotRequired[int]


class ConversationNameWish(TypedDict):
    """The wish that the app's model name the conversation after its first question."""

    auto_generate: Literal[True]
    name: NotRequired[str | None]
    user: NotRequired[OptionalUser]


class ConversationNewName(TypedDict):
    """A new name."""

    name: str
    auto_generate: NotRequired[bool | None]
    user: NotRequired[OptionalUser]


ConversationOrder: TypeAlias = "Literal['created_at', '-created_at', 'updated_at', '-updated_at']"
"""The time that a list of conversations is sorted by; `-` means newest first."""

ConversationRename: TypeAlias = "ConversationNewName | ConversationNameWish"
"""A new name, or the wish that one be found."""


class ConversationStatistic(TypedDict):
    """The conversations of one day."""

    date: Day
    conversation_count: Count


class ConversationStatisticList(TypedDict):
    """A row for each day, in their order."""

    data: list[ConversationStatistic]


ConversationStatus: TypeAlias = "Literal['normal']"
"""Conversations that were deleted are no longer listed, so this is always `normal`."""


class ConversationVariable(TypedDict):
    """A value that a conversation remembers."""

    id: Id
    name: str
    value_type: str
    type: str
    value: str | None
    description: str | None
    created_at: UnixTime
    updated_at: UnixTime


class ConversationVariableDeclaration(TypedDict):
    """A variable that lives as long as a conversation; nodes read it as `conversation.NAME` and assigners change it."""

    id: NotRequired[OptionalId]
    name: VariableLabel
    value_type: ConversationVariableType
    value: NotRequired[Any]
    description: NotRequired[str | None]


class ConversationVariableList(TypedDict):
    """Part of the variables of a conversation, oldest first."""

    limit: int
    has_more: bool
    data: list[ConversationVariable]


ConversationVariableType: TypeAlias = "Literal['string', 'number', 'boolean', 'object', 'file', 'array[string]', 'array[number]', 'array[boolean]', 'array[object]', 'array[file]', 'array[any]']"
"""What a conversation variable holds."""


class ConversationVariableUpdate(TypedDict):
    """A new value, of the type that the variable has."""

    value: Any
    user: NotRequired[OptionalUser]


class ConversationVariablesRequest(TypedDict):
    """All conversation variables."""

    conversation_variables: list[ConversationVariableDeclaration]


class Converted(TypedDict):
    """The app that was made of another."""

    new_app_id: Id


class CostStatistic(TypedDict):
    """What one day cost."""

    date: Day
    token_count: Count
    total_price: str
    currency: str


class CostStatisticList(TypedDict):
    """A row for each day, in their order."""

    data: list[CostStatistic]


Count: TypeAlias = "int"
"""How many."""


class CountedTag(TypedDict):
    """A tag, and how many things carry it."""

    id: Id
    name: TagName
    type: TagType
    binding_count: str


class CreatedDocument(TypedDict):
    """The new document, and the batch under which its indexing can be watched."""

    document: Document
    batch: str


class CreatedDocuments(TypedDict):
    """The new documents in their order, the first of them once more, and their batch."""

    document: Document
    documents: list[Document]
    batch: str


class CreatedSegments(TypedDict):
    """The new passages, in their order."""

    data: list[Segment]
    doc_form: DocumentForm


class CredentialCheck(TypedDict):
    """What the provider answered when the credentials were tried."""

    result: CredentialCheckResult
    error: NotRequired[str | None]


class CredentialCheckRequest(TypedDict):
    """Credentials to try."""

    credentials: ProviderCredentialValues


CredentialCheckResult: TypeAlias = "Literal['success', 'error']"
"""`success` when the provider accepted the credentials."""


class CredentialField(TypedDict):
    """One field of a credential form."""

    variable: str
    label: LocalizedText
    type: CredentialFieldType
    required: bool
    default: NotRequired[str | None]
    placeholder: NotRequired[LocalizedText]


CredentialFieldType: TypeAlias = "Literal['secret-input', 'text-input', 'select', 'radio', 'switch']"
"""How a form shows the field; a `secret-input` is never returned."""


class CredentialReference(TypedDict):
    """The name of a stored credential."""

    credential_id: str
    credential_name: str


class CredentialSaveRequest(TypedDict):
    """Credentials to try and, if the provider accepts them, to keep."""

    credentials: ProviderCredentialValues
    name: NotRequired[str | None]


class CredentialUpdateRequest(TypedDict):
    """New values for a stored credential."""

    credential_id: str
    credentials: ProviderCredentialValues
    name: NotRequired[str | None]


class CustomConfiguration(TypedDict):
    """What the workspace has configured."""

    status: ConfigurationStatus
    current_credential_id: str | None
    current_credential_name: str | None
    available_credentials: list[CredentialReference]


class Dataset(TypedDict):
    """A body of knowledge; documents that are searched together."""

    id: Id
    name: str
    description: str | None
    provider: DatasetProvider
    permission: DatasetPermission
    data_source_type: str | None
    indexing_technique: IndexingTechnique
    app_count: Count
    document_count: Count
    word_count: Count
    created_by: str | None
    author_name: str | None
    created_at: UnixTime
    updated_by: str | None
    updated_at: UnixTime
    embedding_model: str | None
    embedding_model_provider: str | None
    embedding_available: bool | None
    retrieval_model_dict: RetrievalSettings
    tags: list[Tag]
    doc_form: DocumentForm
    external_knowledge_info: ExternalKnowledge
    external_retrieval_model: ExternalRetrieval
    doc_metadata: list[MetadataField]
    built_in_field_enabled: bool
    pipeline_id: str | None
    runtime_mode: str | None
    chunk_structure: str | None
    icon_info: DatasetIcon
    is_published: bool
    is_multimodal: bool
    total_documents: Count
    total_available_documents: Count
    enable_api: bool
    partial_member_list: NotRequired[list[str] | None]
    reindexing: NotRequired[DatasetReindexing]


class DatasetAndDocuments(TypedDict):
    """The dataset, its new documents in their order, and their batch."""

    dataset: DatasetBrief
    documents: list[Document]
    batch: str


DatasetApiKeyRestrictions: TypeAlias = "DatasetApiKeyRestrictionsValue | None"
"""Every field is optional; a key without restrictions may do all that can be done with the knowledge base."""


class DatasetApiKeyRestrictionsValue(TypedDict):
    """Every field is optional; a key without restrictions may do all that can be done with the knowledge base."""

    name: NotRequired[str | None]
    permissions: NotRequired[list[ApiKeyPermission] | None]
    access: NotRequired[ApiKeyAccess]
    max_active_requests: NotRequired[int | None]
    expires_at: NotRequired[int | None]


class DatasetBrief(TypedDict):
    """A dataset, in short."""

    id: Id
    name: str
    description: str | None
    permission: DatasetPermission
    data_source_type: str | None
    indexing_technique: IndexingTechnique
    created_by: str | None
    created_at: UnixTime


class DatasetCreate(TypedDict):
    """A dataset to be made."""

    name: DatasetName
    description: NotRequired[str | None]
    indexing_technique: NotRequired[IndexingTechnique]
    permission: NotRequired[DatasetPermission]
    provider: NotRequired[NewDatasetProvider]
    retrieval_model: NotRequired[RetrievalModel]
    embedding_model: NotRequired[str | None]
    embedding_model_provider: NotRequired[str | None]


DatasetIcon: TypeAlias = "DatasetIconValue | None"
"""The picture of a dataset."""


class DatasetIconValue(TypedDict):
    """The picture of a dataset."""

    icon_type: NotRequired[IconType]
    icon: NotRequired[str | None]
    icon_background: NotRequired[str | None]
    icon_url: NotRequired[str | None]


class DatasetList(TypedDict):
    """One page of datasets."""

    data: list[Dataset]
    has_more: bool
    limit: int
    total: Count
    page: int


class DatasetMember(TypedDict):
    """A member of the workspace."""

    user_id: Id
    role: NotRequired[str]


class DatasetMembers(TypedDict):
    """The accounts that may use a dataset with `partial_members`."""

    data: list[str]


DatasetName: TypeAlias = "str"
"""The name; unique in the workspace."""

DatasetPermission: TypeAlias = "Literal['only_me', 'all_team_members', 'partial_members', None]"
"""Who in the workspace may use the dataset."""

DatasetProvider: TypeAlias = "Literal['vendor', 'external']"
"""Whether the knowledge is kept here or elsewhere."""


class DatasetQuery(TypedDict):
    """A question that was put to a dataset."""

    id: Id
    content: str
    source: DatasetQuerySource
    source_app_id: str | None
    created_by_role: str
    created_by: str | None
    created_at: UnixTime


class DatasetQueryList(TypedDict):
    """One page of questions, newest first."""

    data: list[DatasetQuery]
    has_more: bool
    limit: int
    total: Count
    page: int


DatasetQuerySource: TypeAlias = "Literal['hit_testing', 'app']"
"""Whether somebody tried the search, or an app asked."""

DatasetReindexing: TypeAlias = "DatasetReindexingValue | None"
"""How far the background work is that a change of `indexing_technique` or of the embedding model asks for; null where there is none."""


class DatasetReindexingValue(TypedDict):
    """How far the background work is that a change of `indexing_technique` or of the embedding model asks for; null where there is none."""

    status: ReindexingStatus
    error: str | None
    completed_texts: Count
    total_texts: Count
    serving_indexing_technique: IndexingTechnique
    serving_embedding_model: str | None
    serving_embedding_model_provider: str | None
    created_at: UnixTime


class DatasetUpdate(TypedDict):
    """What to change in a dataset; what is left out stays."""

    name: NotRequired[DatasetName]
    description: NotRequired[str | None]
    indexing_technique: NotRequired[IndexingTechnique]
    permission: NotRequired[DatasetPermission]
    retrieval_model: NotRequired[RetrievalModel]
    embedding_model: NotRequired[str | None]
    embedding_model_provider: NotRequired[str | None]
    external_knowledge_api_id: NotRequired[OptionalId]
    external_knowledge_id: NotRequired[str | None]
    external_retrieval_model: NotRequired[ExternalRetrievalModel]
    partial_member_list: NotRequired[list[DatasetMember] | None]


class DatasetUse(TypedDict):
    """Whether an app answers from the dataset."""

    is_using: bool


class DatasourceNodeRun(TypedDict):
    """What to look for in a source."""

    inputs: PipelineObject
    datasource_type: DatasourceType
    credential_id: NotRequired[str | None]
    is_published: bool


class DatasourcePlugin(TypedDict):
    """A start node of a pipeline."""

    node_id: str
    plugin_id: str
    provider_name: str
    datasource_type: DatasourceType
    title: str
    user_input_variables: list[PipelineObject]
    credentials: list[PipelineObject]


DatasourcePlugins: TypeAlias = "list[DatasourcePlugin]"
"""The start nodes of a pipeline."""

DatasourceType: TypeAlias = "Literal['local_file', 'online_document', 'online_drive', 'website_crawl']"
"""Where documents come from; uploaded files are what can be read now."""

Day: TypeAlias = "str"
"""A day in the caller's time zone."""


class DebugChatRequest(TypedDict):
    """A question to an app, with a model configuration that need not have been saved."""

    query: str
    inputs: NotRequired[PromptConfig]
    model_config: NotRequired[ModelConfig]
    files: NotRequired[list[InputFile] | None]
    conversation_id: NotRequired[OptionalId]
    parent_message_id: NotRequired[OptionalId]
    response_mode: NotRequired[ResponseMode]
    auto_generate_name: NotRequired[bool | None]


class DebugCompletionRequest(TypedDict):
    """Inputs for an app that answers once, with a model configuration that need not have been saved."""

    inputs: PromptConfig
    query: NotRequired[str | None]
    model_config: NotRequired[ModelConfig]
    files: NotRequired[list[InputFile] | None]
    response_mode: NotRequired[ResponseMode]


DecimalText: TypeAlias = "str"
"""A decimal number as text, so that no digit is lost."""

DefaultModel: TypeAlias = "DefaultModelValue | None"
"""The model that is used where none is named; null when there is none."""


class DefaultModelAnswer(TypedDict):
    """The default model of one type."""

    data: DefaultModel


class DefaultModelSetting(TypedDict):
    """The default of one type; without `model`, the default of that type is removed."""

    model_type: ModelType
    provider: NotRequired[str | None]
    model: NotRequired[str | None]


class DefaultModelValue(TypedDict):
    """The model that is used where none is named; null when there is none."""

    model: str
    model_type: ModelType
    provider: ProviderSummary


class DefaultModelsRequest(TypedDict):
    """Default models to set, one entry for each type."""

    model_settings: list[DefaultModelSetting]


DeliveryStatus: TypeAlias = "Literal['pending', 'delivered', 'failed']"
"""Whether the message has arrived; `pending` is tried now or again later."""

DisplayStatus: TypeAlias = "Literal['queuing', 'indexing', 'paused', 'error', 'available', 'disabled', 'archived']"
"""The state of a document in a person's words."""


class Document(TypedDict):
    """A document of a dataset."""

    id: Id
    position: Count
    data_source_type: DocumentSource
    data_source_info: SourceInfo
    data_source_detail_dict: SourceInfo
    dataset_process_rule_id: str | None
    name: str
    created_from: str
    created_by: str | None
    created_at: UnixTime
    tokens: int | None
    indexing_status: IndexingStatus
    error: str | None
    enabled: bool
    disabled_at: OptionalUnixTime
    disabled_by: str | None
    archived: bool
    display_status: DisplayStatus
    word_count: int | None
    hit_count: Count
    doc_form: DocumentForm
    doc_type: NotRequired[str | None]
    doc_metadata: list[DocumentMetadata] | None


class DocumentBatchCreate(TypedDict):
    """Files, or one JSON Lines file of names and texts, to be indexed as documents."""

    files: NotRequired[list[str]]
    lines: NotRequired[str]
    data: NotRequired[DocumentSettings]


class DocumentCreateByFile(TypedDict):
    """A file to be indexed as a document."""

    file: str
    data: NotRequired[DocumentSettings]
    indexing_technique: NotRequired[Literal["high_quality", "economy"]]
    process_rule: NotRequired[ProcessRule]
    original_document_id: NotRequired[str]
    doc_form: NotRequired[Literal["text_model", "hierarchical_model", "qa_model"]]
    doc_language: NotRequired[str]
    name: NotRequired[str]


class DocumentCreateByText(TypedDict):
    """A text to be indexed as a document."""

    name: str
    text: str
    process_rule: NotRequired[ProcessRule]
    text_preprocessing_rule: NotRequired[ProcessRule]
    indexing_technique: NotRequired[IndexingTechnique]
    original_document_id: NotRequired[OptionalId]
    doc_form: NotRequired[DocumentForm]
    doc_language: NotRequired[str | None]
    retrieval_model: NotRequired[RetrievalModel]
    embedding_model: NotRequired[str | None]
    embedding_model_provider: NotRequired[str | None]


class DocumentCreateFromFiles(TypedDict):
    """Files that were uploaded before, to be indexed as documents."""

    data_source: DocumentDataSource
    process_rule: NotRequired[ProcessRule]
    text_preprocessing_rule: NotRequired[ProcessRule]
    indexing_technique: NotRequired[IndexingTechnique]
    original_document_id: NotRequired[str | None]
    doc_form: NotRequired[DocumentForm]
    doc_language: NotRequired[str | None]
    retrieval_model: NotRequired[RetrievalModel]
    embedding_model: NotRequired[str | None]
    embedding_model_provider: NotRequired[str | None]


class DocumentDataSource(TypedDict):
    """Where the documents come from."""

    type: NotRequired[OptionalFileSource]
    info_list: FileInfoList


class DocumentDetail(TypedDict):
    """A document with everything known of it."""

    id: Id
    position: NotRequired[Count]
    data_source_type: NotRequired[DocumentSource]
    data_source_info: NotRequired[SourceInfo]
    dataset_process_rule_id: NotRequired[str | None]
    dataset_process_rule: NotRequired[ProcessRule]
    document_process_rule: NotRequired[ProcessRule]
    name: NotRequired[str]
    created_from: NotRequired[str]
    created_by: NotRequired[str | None]
    created_at: NotRequired[UnixTime]
    tokens: NotRequired[int | None]
    indexing_status: NotRequired[IndexingStatus]
    completed_at: NotRequired[OptionalUnixTime]
    updated_at: NotRequired[OptionalUnixTime]
    indexing_latency: NotRequired[float | None]
    error: NotRequired[str | None]
    enabled: NotRequired[bool]
    disabled_at: NotRequired[OptionalUnixTime]
    disabled_by: NotRequired[str | None]
    archived: NotRequired[bool]
    segment_count: NotRequired[Count]
    average_segment_length: NotRequired[float]
    hit_count: NotRequired[Count]
    word_count: NotRequired[int | None]
    display_status: NotRequired[DisplayStatus]
    doc_form: NotRequired[DocumentForm]
    doc_language: NotRequired[str | None]
    doc_type: NotRequired[str | None]
    doc_metadata: NotRequired[list[DocumentMetadata] | None]


DocumentForm: TypeAlias = "Literal['text_model', 'hierarchical_model', 'qa_model', None]"
"""How documents are cut: `text_model` into passages, `hierarchical_model` into passages that are found by their parts, `qa_model` into questions with answers."""


class DocumentIds(TypedDict):
    """Documents of the dataset."""

    document_ids: list[Id]


class DocumentList(TypedDict):
    """One page of documents."""

    data: list[Document]
    has_more: bool
    limit: int
    total: Count
    page: int


class DocumentMetadata(TypedDict):
    """One metadata value of a document."""

    id: str
    name: str
    type: str
    value: NotRequired[Any]


class DocumentMetadataOperation(TypedDict):
    """The values of one document."""

    document_id: Id
    metadata_list: list[DocumentMetadataValue]
    partial_update: NotRequired[bool | None]


class DocumentMetadataOperations(TypedDict):
    """The values of some documents."""

    operation_data: list[DocumentMetadataOperation]


class DocumentMetadataValue(TypedDict):
    """The value of one field, which is named by its `id`, or by its `name` alone."""

    id: NotRequired[str | None]
    name: NotRequired[str | None]
    value: NotRequired[MetadataValue]


class DocumentRename(TypedDict):
    """The new name of a document."""

    name: str


class DocumentSettings(TypedDict):
    """How a document is to be indexed."""

    name: NotRequired[str | None]
    process_rule: NotRequired[ProcessRule]
    text_preprocessing_rule: NotRequired[ProcessRule]
    indexing_technique: NotRequired[IndexingTechnique]
    original_document_id: NotRequired[OptionalId]
    doc_form: NotRequired[DocumentForm]
    doc_language: NotRequired[str | None]
    retrieval_model: NotRequired[RetrievalModel]
    embedding_model: NotRequired[str | None]
    embedding_model_provider: NotRequired[str | None]


DocumentSource: TypeAlias = "Literal['upload_file', 'notion_import', 'website_crawl', 'local_file']"
"""Where a document came from."""


class DocumentStatus(TypedDict):
    """How far the indexing of one document has come, and when each step ended."""

    id: Id
    indexing_status: IndexingStatus
    processing_started_at: OptionalUnixTime
    parsing_completed_at: OptionalUnixTime
    cleaning_completed_at: OptionalUnixTime
    splitting_completed_at: OptionalUnixTime
    completed_at: OptionalUnixTime
    paused_at: OptionalUnixTime
    error: str | None
    stopped_at: OptionalUnixTime
    completed_segments: Count
    total_segments: Count


DocumentStatusAction: TypeAlias = "Literal['enable', 'disable', 'archive', 'un_archive']"
"""Let searches find documents or not, or put them away."""


class DocumentStatusList(TypedDict):
    """How far the documents of a batch have come."""

    data: list[DocumentStatus]


class DocumentTypeRequest(TypedDict):
    """The kind of a document, and values of fields by their names."""

    doc_type: str | None
    doc_metadata: FreeObject


class DocumentUpdateByFile(TypedDict):
    """What to change in a document; what is left out stays."""

    file: NotRequired[str]
    data: NotRequired[DocumentSettings]
    process_rule: NotRequired[ProcessRule]
    doc_language: NotRequired[str]
    name: NotRequired[str]


class DocumentUpdateByText(TypedDict):
    """What to change in a document; what is left out stays."""

    name: NotRequired[str | None]
    text: NotRequired[str | None]
    process_rule: NotRequired[ProcessRule]
    text_preprocessing_rule: NotRequired[ProcessRule]
    doc_form: NotRequired[DocumentForm]
    doc_language: NotRequired[str | None]
    retrieval_model: NotRequired[RetrievalModel]


DocumentsCreate: TypeAlias = "DocumentCreateByText | DocumentCreateFromFiles"
"""A text, or files that were uploaded before, to be indexed as documents."""


class DraftFeaturesRequest(TypedDict):
    """The features as a whole."""

    features: FreeObject


class DraftRunRequest(TypedDict):
    """What the draft is run with."""

    inputs: dict[str, Any] | None
    files: NotRequired[list[InputFile] | None]


class DraftSaveRequest(TypedDict):
    """The draft as a whole; null and what is left out stand for nothing."""

    graph: WorkflowGraph
    features: NotRequired[OptionalFeatures]
    hash: NotRequired[str | None]
    environment_variables: NotRequired[list[EnvironmentVariable] | None]
    conversation_variables: NotRequired[list[ConversationVariableDeclaration] | None]


class DraftSaved(TypedDict):
    """The draft is saved."""

    result: ResultWord
    hash: str
    updated_at: UnixTime


class DraftVariable(TypedDict):
    """What a node of the draft gave when it ran last."""

    id: Id
    type: DraftVariableKind
    name: str
    description: str
    selector: VariableSelector
    value_type: str
    edited: bool
    visible: bool
    value: Any


class DraftVariableContent(TypedDict):
    """The value of a draft variable."""

    value: Any


DraftVariableKind: TypeAlias = "Literal['node', 'sys', 'conversation']"
"""Whether a node gave it, or it is one of the system's or the conversation's."""


class DraftVariableList(TypedDict):
    """One page of draft variables."""

    items: list[DraftVariableSummary]
    total: Count


class DraftVariableSummary(TypedDict):
    """A draft variable without its value."""

    id: Id
    type: DraftVariableKind
    name: str
    description: str
    selector: VariableSelector
    value_type: str
    edited: bool
    visible: bool


class DraftVariableUpdate(TypedDict):
    """What to change; what is left out stays."""

    name: NotRequired[str | None]
    value: NotRequired[Any]


class DraftVariableValues(TypedDict):
    """Draft variables with their values."""

    items: list[DraftVariable]


EmailAddress: TypeAlias = "str"
"""An e-mail address; upper and lower case are the same."""


class EndUser(TypedDict):
    """A person who uses the app."""

    id: Id
    tenant_id: Id
    app_id: str | None
    type: EndUserKind
    external_user_id: str | None
    name: str | None
    is_anonymous: bool
    session_id: str
    created_at: str
    updated_at: str


EndUserKind: TypeAlias = "Literal['service_api', 'browser', 'account']"
"""By which way the person comes, the API, the app's page, or the page with an account signed in."""


class EndUserStatistic(TypedDict):
    """The people of one day."""

    date: Day
    terminal_count: Count


class EndUserStatisticList(TypedDict):
    """A row for each day, in their order."""

    data: list[EndUserStatistic]


EndedStatus: TypeAlias = "Literal['succeeded', 'failed', 'stopped', 'partial-succeeded']"
"""How a run ended."""


class EnvironmentVariable(TypedDict):
    """A value that every node can read as `env.NAME`."""

    id: NotRequired[OptionalId]
    name: VariableLabel
    value_type: EnvironmentVariableType
    value: NotRequired[Any]
    description: NotRequired[str | None]


class EnvironmentVariableItem(TypedDict):
    """An environment variable in the form of the draft variables."""

    id: Id
    type: Literal["env"]
    name: str
    description: str
    selector: VariableSelector
    value_type: EnvironmentVariableType
    value: Any
    edited: bool
    visible: bool
    editable: bool


class EnvironmentVariableList(TypedDict):
    """The environment variables of the draft."""

    items: list[EnvironmentVariableItem]


EnvironmentVariableType: TypeAlias = "Literal['string', 'number', 'secret']"
"""What the value is; a `secret` is a text that is encrypted at rest and hidden in every answer and event."""


class EnvironmentVariablesRequest(TypedDict):
    """All environment variables."""

    environment_variables: list[EnvironmentVariable]


class ErrorBody(TypedDict):
    """The one shape of every error, on every tier."""

    code: str
    message: str
    status: int
    params: NotRequired[str]
    details: NotRequired[list[ErrorDetail]]
    reason: NotRequired[str]
    incident_id: NotRequired[str]
    error: NotRequired[ErrorSummary]


class ErrorDetail(TypedDict):
    """One field that is wrong."""

    field: str
    type: str
    message: str


class ErrorEvent(TypedDict):
    """The run failed; nothing comes after this."""

    event: ErrorWord
    task_id: NotRequired[Id]
    conversation_id: NotRequired[Id]
    message_id: NotRequired[Id]
    created_at: NotRequired[UnixTime]
    status: int
    code: str
    message: str


class ErrorSummary(TypedDict):
    """The error in the older, nested form; on the Service tier only."""

    type: ErrorType
    message: str


ErrorType: TypeAlias = (
    "Literal['bad_request', 'unauthorized', 'forbidden', 'not_found', 'rate_limit_exceeded', 'internal_error']"
)
"""The family of an error."""

ErrorWord: TypeAlias = "Literal['error']"
"""Always `error`."""


class EventFrame(TypedDict):
    """One frame of a stream."""

    event: NotRequired[str]
    data: NotRequired[str]
    id: NotRequired[str]
    retry: NotRequired[int]


ExecutionMetadata: TypeAlias = "ExecutionMetadataValue | None"
"""What a node cost, and the round that it ran in."""


class ExecutionMetadataValue(TypedDict):
    """What a node cost, and the round that it ran in."""

    total_tokens: NotRequired[Count]
    total_price: NotRequired[DecimalText]
    currency: NotRequired[str]
    iteration_id: NotRequired[str]
    iteration_index: NotRequired[int]
    loop_id: NotRequired[str]
    loop_index: NotRequired[int]


class ExternalDatasetCreate(TypedDict):
    """A knowledge base that is kept elsewhere."""

    name: DatasetName
    description: NotRequired[str | None]
    external_knowledge_api_id: Id
    external_knowledge_id: str
    external_retrieval_model: NotRequired[ExternalRetrievalModel]


ExternalKnowledge: TypeAlias = "ExternalKnowledgeValue | None"
"""Where the knowledge of an external dataset is kept; all null for our own."""


class ExternalKnowledgeAccess(TypedDict):
    """Where the service is, and the key that it wants."""

    endpoint: str
    api_key: NotRequired[str | None]


class ExternalKnowledgeApi(TypedDict):
    """A service that answers searches in knowledge that it keeps; its key is masked."""

    id: Id
    tenant_id: Id
    name: str
    description: str
    settings: ExternalKnowledgeSettings
    dataset_bindings: list[ExternalKnowledgeBinding]
    created_by: str | None
    created_at: UnixTime


class ExternalKnowledgeApiList(TypedDict):
    """One page of external knowledge APIs."""

    data: list[ExternalKnowledgeApi]
    has_more: bool
    limit: int
    total: Count
    page: int


class ExternalKnowledgeApiRequest(TypedDict):
    """A service that answers searches."""

    name: str
    description: NotRequired[str | None]
    settings: ExternalKnowledgeAccess


class ExternalKnowledgeApiUse(TypedDict):
    """Whether datasets use an external knowledge API, and how many."""

    is_using: bool
    count: Count


class ExternalKnowledgeBinding(TypedDict):
    """A dataset."""

    id: Id
    name: str


class ExternalKnowledgeSettings(TypedDict):
    """Where the service is, and its masked key."""

    endpoint: str
    api_key: str


class ExternalKnowledgeValue(TypedDict):
    """Where the knowledge of an external dataset is kept; all null for our own."""

    external_knowledge_id: NotRequired[str | None]
    external_knowledge_api_id: NotRequired[str | None]
    external_knowledge_api_name: NotRequired[str | None]
    external_knowledge_api_endpoint: NotRequired[str | None]


class ExternalRecord(TypedDict):
    """A passage of external knowledge."""

    content: str
    title: str
    score: float
    metadata: FreeObject


ExternalRetrieval: TypeAlias = "ExternalRetrievalValue | None"
"""How an external dataset is searched."""

ExternalRetrievalModel: TypeAlias = "ExternalRetrievalModelValue | None"
"""How many records are wanted, and from which score on."""


class ExternalRetrievalModelValue(TypedDict):
    """How many records are wanted, and from which score on."""

    top_k: NotRequired[int | None]
    score_threshold: NotRequired[float | None]
    score_threshold_enabled: NotRequired[bool | None]


class ExternalRetrievalValue(TypedDict):
    """How an external dataset is searched."""

    top_k: NotRequired[int]
    score_threshold: NotRequired[float | None]
    score_threshold_enabled: NotRequired[bool | None]


class ExternalRetrieveAnswer(TypedDict):
    """What was found, best first."""

    query: RetrieveQuery
    records: list[ExternalRecord]


class ExternalRetrieveRequest(TypedDict):
    """What to look for."""

    query: str
    external_retrieval_model: NotRequired[ExternalRetrievalModel]
    metadata_filtering_conditions: NotRequired[MetadataFilter]


class FailedDocuments(TypedDict):
    """The documents whose indexing failed or was paused."""

    data: list[DocumentStatus]
    total: Count


class FeatureToggle(TypedDict):
    """Whether a feature is on."""

    enabled: bool


class FeedbackCount(TypedDict):
    """How many answers were liked, and how many were not."""

    like: Count
    dislike: Count


FeedbackRating: TypeAlias = "Literal['like', 'dislike', None]"
"""Thumb up, thumb down, or taken back."""


class FeedbackRequest(TypedDict):
    """A person's rating of an answer, in place of their earlier one."""

    rating: NotRequired[RatingChoice]
    content: NotRequired[str | None]
    user: User


FeedbackSource: TypeAlias = "Literal['user', 'admin']"
"""Whether the person who asked rated the answer, or an administrator."""

FileContent: TypeAlias = "str"
"""The bytes of a file."""

FileDatasourceType: TypeAlias = "Literal['local_file']"
"""Uploaded files."""


class FileIds(TypedDict):
    """Files that were uploaded before and are still there; an upload that nothing uses is kept for 24 hours."""

    file_ids: list[Id]


class FileInfoList(TypedDict):
    """What the documents are made of."""

    data_source_type: FileSource
    file_info_list: FileIds


FileKind: TypeAlias = "Literal['image', 'document', 'audio', 'video', 'custom']"
"""What a file is; `custom` is anything that the app's own list of extensions allows."""

FileOwner: TypeAlias = "Literal['user', 'assistant']"
"""Whether the file came with the question or with the answer."""

FileSource: TypeAlias = "Literal['upload_file']"
"""Always `upload_file`; websites and Notion pages cannot be read yet."""


class FileUpload(TypedDict):
    """One file, and the person it belongs to."""

    file: str
    user: NotRequired[str]


class FileUploadSettings(TypedDict):
    """Whether files may be sent with a message, and which."""

    enabled: NotRequired[bool]
    image: ImageUploadSettings
    allowed_file_types: NotRequired[list[FileKind]]
    allowed_file_extensions: NotRequired[list[str]]
    allowed_file_upload_methods: NotRequired[list[TransferMethod]]
    number_limits: NotRequired[int]


FormField = TypedDict(
    "FormField",
    {
        "text-input": "NotRequired[FormInput]",
        "paragraph": "NotRequired[FormInput]",
        "select": "NotRequired[FormInput]",
        "number": "NotRequired[FormInput]",
        "checkbox": "NotRequired[FormInput]",
        "file": "NotRequired[FormInput]",
        "file-list": "NotRequired[FormInput]",
        "json_object": "NotRequired[FormInput]",
        "external_data_tool": "NotRequired[FormInput]",
    },
)


class FormInput(TypedDict):
    """How one input is labelled and checked."""

    label: str
    variable: str
    required: NotRequired[bool]
    max_length: NotRequired[int | None]
    default: NotRequired[Any]
    options: NotRequired[list[str] | None]
    hide: NotRequired[bool | None]


class FoundChildChunk(TypedDict):
    """A piece of a passage that matched."""

    id: Id
    content: str
    position: Count
    score: float


class FoundSegment(TypedDict):
    """A passage that a search found, with the document it stands in."""

    id: Id
    position: Count
    document_id: Id
    content: str
    sign_content: str
    answer: str | None
    word_count: Count
    tokens: Count
    keywords: list[str]
    index_node_id: str | None
    index_node_hash: str | None
    hit_count: Count
    enabled: bool
    disabled_at: OptionalUnixTime
    disabled_by: str | None
    status: SegmentStatus
    created_by: str | None
    created_at: UnixTime
    indexing_at: OptionalUnixTime
    completed_at: OptionalUnixTime
    error: str | None
    stopped_at: OptionalUnixTime
    document: SegmentDocument


FreeObject: TypeAlias = "dict[str, Any]"
"""An object whose keys the caller chooses."""


class GithubPluginInstallRequest(TypedDict):
    """Which plugin to install, and which release on GitHub holds it elsewhere."""

    repo: str
    version: str
    package: str
    plugin_unique_identifier: PluginIdentifier


class HumanInputAction(TypedDict):
    """A button of a form."""

    id: str
    title: str
    button_style: NotRequired[str]


class HumanInputField(TypedDict):
    """A field of a form."""

    type: str
    output_variable_name: str


class HumanInputFilledData(TypedDict):
    """What a person chose, and how the form reads with its values."""

    form_id: Id
    node_id: str
    node_title: str
    rendered_content: str
    action_id: str
    action_text: str


class HumanInputFilledEvent(TypedDict):
    """A person submitted a form."""

    event: HumanInputFilledWord
    task_id: Id
    workflow_run_id: Id
    conversation_id: NotRequired[Id]
    message_id: NotRequired[Id]
    created_at: NotRequired[UnixTime]
    data: HumanInputFilledData


HumanInputFilledWord: TypeAlias = "Literal['human_input_form_filled']"
"""Always `human_input_form_filled`."""


class HumanInputForm(TypedDict):
    """What a person is shown, and what they may do."""

    form_content: str
    inputs: list[HumanInputField]
    resolved_default_values: FreeObject
    user_actions: list[HumanInputAction]
    expiration_time: UnixTime


class HumanInputFormData(TypedDict):
    """A form that a person is asked to fill in; whoever has the token may do so until it expires."""

    form_id: Id
    node_id: str
    node_title: str
    form_content: str
    inputs: list[FreeObject]
    actions: list[FreeObject]
    display_in_ui: bool
    form_token: str
    resolved_default_values: FreeObject
    expiration_time: UnixTime


class HumanInputRequiredEvent(TypedDict):
    """A node waits for a person, who answers the form at `/form/human_input/{form_token}`."""

    event: HumanInputRequiredWord
    task_id: Id
    workflow_run_id: Id
    conversation_id: NotRequired[Id]
    message_id: NotRequired[Id]
    created_at: NotRequired[UnixTime]
    data: HumanInputFormData


HumanInputRequiredWord: TypeAlias = "Literal['human_input_required']"
"""Always `human_input_required`."""


class HumanInputSubmission(TypedDict):
    """The action that the person chose, and the fields by name; a field that is left out keeps its default."""

    action: str
    inputs: NotRequired[dict[str, Any] | None]
    user: NotRequired[OptionalUser]


class HumanInputTimeoutData(TypedDict):
    """Which form expired, and when."""

    form_id: Id
    node_id: str
    node_title: str
    expiration_time: UnixTime


class HumanInputTimeoutEvent(TypedDict):
    """Nobody submitted a form in time."""

    event: HumanInputTimeoutWord
    task_id: Id
    workflow_run_id: Id
    conversation_id: NotRequired[Id]
    message_id: NotRequired[Id]
    created_at: NotRequired[UnixTime]
    data: HumanInputTimeoutData


HumanInputTimeoutWord: TypeAlias = "Literal['human_input_form_timeout']"
"""Always `human_input_form_timeout`."""


class HumanInputUploadToken(TypedDict):
    """A token that admits to uploads for one form."""

    upload_token: str
    expires_at: UnixTime


IconType: TypeAlias = "Literal['emoji', 'image', 'link', None]"
"""Whether `icon` is an emoji, an uploaded image or a link."""

Id: TypeAlias = "str"
"""A UUID (version 7, so ids sort by the time they were made)."""


class ImageUploadSettings(TypedDict):
    """Whether images may be sent with a message, and how many."""

    enabled: bool
    number_limits: NotRequired[int]
    detail: NotRequired[str]
    transfer_methods: NotRequired[list[TransferMethod]]


ImportedMode: TypeAlias = "Literal['chat', 'agent-chat', 'advanced-chat', 'completion', 'workflow', None]"
"""The mode of the imported app; null while the import waits."""


class IndexingEstimate(TypedDict):
    """Into how many passages the files would be cut, and the first of them."""

    total_segments: Count
    tokens: Count
    total_price: DecimalText
    currency: str
    preview: list[PreviewSegment]
    qa_preview: list[PreviewAnswer] | None


class IndexingEstimateRequest(TypedDict):
    """Uploaded files and the rules to cut them by; nothing is written."""

    info_list: FileInfoList
    process_rule: ProcessRule
    indexing_technique: NotRequired[IndexingTechnique]
    doc_form: NotRequired[DocumentForm]
    dataset_id: NotRequired[OptionalId]
    doc_language: NotRequired[str | None]


IndexingStatus: TypeAlias = (
    "Literal['waiting', 'parsing', 'cleaning', 'splitting', 'indexing', 'completed', 'error', 'paused']"
)
"""How far a document has come: `waiting`, `parsing`, `cleaning`, `splitting`, `indexing`, `completed`; or `error`, or `paused`."""

IndexingTechnique: TypeAlias = "Literal['high_quality', 'economy', None]"
"""`high_quality` finds passages by meaning and by words and needs an embedding model (one is built in); `economy` finds them by words alone."""


class InitRequest(TypedDict):
    """The initial password."""

    password: str


class InitStatus(TypedDict):
    """Whether the initial password is still to be given."""

    status: SetupStep


InputFile: TypeAlias = "LinkedInputFile | UploadedInputFile"
"""A file that goes with a message."""


class InputParameter(TypedDict):
    """One input that the app asks for."""

    variable: str
    name: str
    type: InputParameterType
    required: bool


InputParameterType: TypeAlias = "Literal['string', 'number', 'boolean', 'object', 'file', 'array']"
"""The type of the value to send."""


class InstalledPlugin(TypedDict):
    """A plugin in a workspace."""

    install_id: Id
    plugin_id: str
    plugin_unique_identifier: PluginIdentifier
    version: str
    tenant_id: Id
    installed_at: int


class InstalledPluginEntry(TypedDict):
    """A plugin that is installed."""

    id: Id
    installation_id: Id
    tenant_id: Id
    created_at: str
    updated_at: str
    plugin_id: str
    plugin_unique_identifier: PluginIdentifier
    name: str
    version: str
    checksum: str
    latest_version: str
    latest_unique_identifier: PluginIdentifier
    source: Literal["package"]
    runtime_type: Literal["local", "remote"]
    endpoints_setups: Count
    endpoints_active: Count
    declaration: PluginDeclaration


class InstalledPluginList(TypedDict):
    """One page of what is installed."""

    plugins: list[InstalledPluginEntry]
    total: Count


class InteractionStatistic(TypedDict):
    """The length of the conversations of one day."""

    date: Day
    interactions: float


class InteractionStatisticList(TypedDict):
    """A row for each day, in their order."""

    data: list[InteractionStatistic]


InterfaceLanguage: TypeAlias = "Literal['en-US', 'zh-Hans', 'zh-Hant', 'pt-BR', 'es-ES', 'fr-FR', 'de-DE', 'ja-JP', 'ko-KR', 'ru-RU', 'it-IT', 'uk-UA', 'vi-VN', 'ro-RO', 'pl-PL', 'hi-IN', 'tr-TR', 'fa-IR', 'sl-SI', 'th-TH', 'id-ID', 'ar-TN', 'nl-NL']"
"""A language of the Console."""

InterfaceTheme: TypeAlias = "Literal['light', 'dark']"
"""How the Console looks."""


class InvitationCheck(TypedDict):
    """Whether an invitation still serves."""

    is_valid: bool
    data: NotRequired[InvitationFacts]


class InvitationFacts(TypedDict):
    """What an invitation is for; absent where it does not serve."""

    workspace_name: str
    workspace_id: Id
    email: EmailAddress


class InvitationResult(TypedDict):
    """What came of one address."""

    status: InvitationStatus
    email: EmailAddress
    url: NotRequired[str]
    message: NotRequired[str]


InvitationStatus: TypeAlias = "Literal['success', 'failed']"
"""`failed` where the account is closed or banned."""


class InviteRequest(TypedDict):
    """Whom to invite, and as what."""

    emails: list[EmailAddress]
    role: NotRequired[Literal["admin", "editor", "normal", "dataset_operator"]]
    language: NotRequired[str | None]


class InviteResult(TypedDict):
    """What came of an invitation."""

    result: ResultWord
    invitation_results: list[InvitationResult]
    tenant_id: Id


class IterationCompletedEvent(TypedDict):
    """An iteration ended."""

    event: IterationCompletedWord
    task_id: Id
    workflow_run_id: Id
    conversation_id: NotRequired[Id]
    message_id: NotRequired[Id]
    created_at: NotRequired[UnixTime]
    data: ContainerCompletedData


IterationCompletedWord: TypeAlias = "Literal['iteration_completed']"
"""Always `iteration_completed`."""


class IterationNextEvent(TypedDict):
    """An item of an iteration begins."""

    event: IterationNextWord
    task_id: Id
    workflow_run_id: Id
    conversation_id: NotRequired[Id]
    message_id: NotRequired[Id]
    created_at: NotRequired[UnixTime]
    data: ContainerNextData


IterationNextWord: TypeAlias = "Literal['iteration_next']"
"""Always `iteration_next`."""


class IterationStartedEvent(TypedDict):
    """An iteration begins."""

    event: IterationStartedWord
    task_id: Id
    workflow_run_id: Id
    conversation_id: NotRequired[Id]
    message_id: NotRequired[Id]
    created_at: NotRequired[UnixTime]
    data: ContainerStartedData


IterationStartedWord: TypeAlias = "Literal['iteration_started']"
"""Always `iteration_started`."""


class JoinedWorkspace(TypedDict):
    """A workspace that the account is a member of."""

    id: Id
    name: str
    plan: WorkspacePlan
    status: WorkspaceStatus
    created_at: UnixTime
    current: bool


JsonSchema = TypedDict(
    "JsonSchema",
    {
        "$schema": "str",
        "title": "str",
    },
)

KeywordWeight: TypeAlias = "KeywordWeightValue | None"
"""How much words count."""


class KeywordWeightValue(TypedDict):
    """How much words count."""

    keyword_weight: float


KnowledgeChoice: TypeAlias = "KnowledgeChoiceValue | None"
"""The knowledge bases."""


class KnowledgeChoiceValue(TypedDict):
    """The knowledge bases."""

    strategy: NotRequired[str | None]
    datasets: NotRequired[list[KnowledgeEntry] | None]


KnowledgeConfig: TypeAlias = "KnowledgeConfigValue | None"
"""Which knowledge bases the app searches, and how."""


class KnowledgeConfigValue(TypedDict):
    """Which knowledge bases the app searches, and how."""

    retrieval_model: NotRequired[KnowledgeRouting]
    top_k: NotRequired[int | None]
    score_threshold_enabled: NotRequired[bool | None]
    score_threshold: NotRequired[float | None]
    reranking_enable: NotRequired[bool | None]
    reranking_mode: NotRequired[RerankingMode]
    reranking_model: NotRequired[RerankingModel]
    weights: NotRequired[RetrievalWeights]
    metadata_filtering_mode: NotRequired[MetadataFilteringMode]
    metadata_filtering_conditions: NotRequired[MetadataFilter]
    metadata_model_config: NotRequired[PromptConfig]
    datasets: NotRequired[KnowledgeChoice]


class KnowledgeEntry(TypedDict):
    """One knowledge base, wrapped as the app editor writes it."""

    dataset: KnowledgeReference


class KnowledgeFileUpload(TypedDict):
    """One file."""

    file: str


class KnowledgeInit(TypedDict):
    """Files that were uploaded before, as the first documents of a new dataset, with its settings."""

    data_source: DocumentDataSource
    indexing_technique: Literal["high_quality", "economy"]
    process_rule: ProcessRule
    doc_form: NotRequired[DocumentForm]
    doc_language: NotRequired[str | None]
    retrieval_model: NotRequired[RetrievalModel]
    embedding_model: NotRequired[str | None]
    embedding_model_provider: NotRequired[str | None]


class KnowledgeReference(TypedDict):
    """A knowledge base, and whether it is searched."""

    id: Id
    enabled: NotRequired[bool | None]


KnowledgeRouting: TypeAlias = "Literal['multiple', 'single', None]"
"""Whether all knowledge bases are searched, or one of them that the model chooses."""


class KnownProcessRule(TypedDict):
    """The rule that a document was cut by, or the default one, and what a rule may say."""

    mode: ProcessRuleMode
    rules: ProcessRules
    limits: ProcessRuleLimits


class LatencyStatistic(TypedDict):
    """How long answers took on one day, in milliseconds."""

    date: Day
    latency: float


class LatencyStatisticList(TypedDict):
    """A row for each day, in their order."""

    data: list[LatencyStatistic]


class LicenseState(TypedDict):
    """The licence's state; there is none to hold, so nothing is limited by it."""

    status: str
    expired_at: str


class LinkedInputFile(TypedDict):
    """A file that is fetched from a link."""

    type: FileKind
    transfer_method: LinkedTransfer
    url: str
    upload_file_id: NotRequired[OptionalId]


LinkedTransfer: TypeAlias = "Literal['remote_url']"
"""Always `remote_url`."""


class LoadBalancing(TypedDict):
    """How calls are shared among credentials; a model has one set of them, so that they are not."""

    enabled: bool
    configs: list[CredentialReference]


class LocalizedText(TypedDict):
    """One text in the languages that the Console speaks."""

    en_US: str
    zh_Hans: str


LogAuthor: TypeAlias = "LogAuthorValue | None"
"""An account."""


class LogAuthorValue(TypedDict):
    """An account."""

    id: Id
    name: str
    email: str


LogSource: TypeAlias = "Literal['api', 'console']"
"""Whether a person or program asked, or an administrator who tried the app."""

LoggedAnnotation: TypeAlias = "LoggedAnnotationValue | None"
"""What somebody wrote in the place of an answer."""


class LoggedAnnotationValue(TypedDict):
    """What somebody wrote in the place of an answer."""

    id: Id
    question: str | None
    content: str
    account: LogAuthor
    created_at: UnixTime


class LoggedCompletion(TypedDict):
    """A message of an app that answers once, in the list of the app."""

    id: Id
    status: ConversationStatus
    from_source: LogSource
    from_end_user_id: str | None
    from_end_user_session_id: str | None
    from_account_id: str | None
    from_account_name: str | None
    read_at: OptionalUnixTime
    created_at: UnixTime
    updated_at: UnixTime
    annotation: LoggedAnnotation
    model_config: LoggedModelSummary
    user_feedback_stats: FeedbackCount
    admin_feedback_stats: FeedbackCount
    message: LoggedText


class LoggedCompletionDetail(TypedDict):
    """A message of an app that answers once, as the conversation that it stands for."""

    id: Id
    status: ConversationStatus
    from_source: LogSource
    from_end_user_id: str | None
    from_account_id: str | None
    created_at: UnixTime
    model_config: LoggedModelConfig
    message: LoggedMessage


class LoggedCompletionList(TypedDict):
    """One page of them."""

    data: list[LoggedCompletion]
    has_more: bool
    limit: int
    total: Count
    page: int


class LoggedConversation(TypedDict):
    """A conversation in the list of an app."""

    id: Id
    status: ConversationStatus
    from_source: LogSource
    from_end_user_id: str | None
    from_end_user_session_id: str | None
    from_account_id: str | None
    from_account_name: str | None
    name: str
    summary: str | None
    read_at: OptionalUnixTime
    created_at: UnixTime
    updated_at: UnixTime
    annotated: bool
    model_config: LoggedModelSummary
    message_count: Count
    user_feedback_stats: FeedbackCount
    admin_feedback_stats: FeedbackCount
    status_count: StatusCount


class LoggedConversationDetail(TypedDict):
    """A conversation with what it ran with."""

    id: Id
    status: ConversationStatus
    from_source: LogSource
    from_end_user_id: str | None
    from_account_id: str | None
    created_at: UnixTime
    updated_at: UnixTime
    annotated: bool
    introduction: str | None
    model_config: LoggedModelConfig
    message_count: Count
    user_feedback_stats: FeedbackCount
    admin_feedback_stats: FeedbackCount


class LoggedConversationList(TypedDict):
    """One page of them."""

    data: list[LoggedConversation]
    has_more: bool
    limit: int
    total: Count
    page: int


class LoggedFeedback(TypedDict):
    """What somebody thinks of an answer."""

    rating: Rating
    content: str | None
    from_source: FeedbackSource
    from_end_user_id: str | None
    from_account: LogAuthor


LoggedHit: TypeAlias = "LoggedHitValue | None"
"""The annotation that answered in the place of the model."""


class LoggedHitValue(TypedDict):
    """The annotation that answered in the place of the model."""

    annotation_id: Id
    annotation_create_account: LogAuthor
    created_at: UnixTime


class LoggedMessage(TypedDict):
    """A question and its answer with all that is known of them."""

    id: Id
    conversation_id: Id
    inputs: FreeObject
    query: str
    message: list[PromptLine]
    message_tokens: Count
    answer: str
    answer_tokens: Count
    provider_response_latency: float
    from_source: LogSource
    from_end_user_id: str | None
    from_account_id: str | None
    feedbacks: list[LoggedFeedback]
    workflow_run_id: str | None
    annotation: LoggedAnnotation
    annotation_hit_history: LoggedHit
    created_at: UnixTime
    agent_thoughts: list[AgentThought]
    message_files: list[MessageFile]
    metadata: FreeObject
    status: MessageStatus
    error: str | None
    parent_message_id: str | None


class LoggedModelConfig(TypedDict):
    """What the last answer was made with, as far as it matters to readers."""

    opening_statement: str | None
    suggested_questions: list[str] | None
    model: ModelChoice
    user_input_form: list[FormField] | None
    pre_prompt: str | None
    agent_mode: AgentMode


class LoggedModelSummary(TypedDict):
    """What the last answer was made with."""

    model: ModelChoice
    pre_prompt: str | None


class LoggedRun(TypedDict):
    """A run, as far as a list shows it."""

    id: Id
    version: str
    status: WorkflowRunStatus
    triggered_from: RunTrigger
    error: str | None
    elapsed_time: float
    total_tokens: Count
    total_steps: Count
    created_at: UnixTime
    finished_at: OptionalUnixTime
    exceptions_count: Count


class LoggedText(TypedDict):
    """A question and its answer in short."""

    inputs: FreeObject
    query: str
    message: str
    answer: str


LogicalOperator: TypeAlias = "Literal['and', 'or', None]"
"""How conditions are joined; `and` where it is left out."""


class LoginRequest(TypedDict):
    """Who signs in, and with which password."""

    email: EmailAddress
    password: str
    remember_me: NotRequired[bool | None]


class LoginResult(TypedDict):
    """A pair of tokens; the same tokens are set as cookies."""

    result: ResultWord
    data: LoginTokens


class LoginStatus(TypedDict):
    """Whether an account is signed in, and whether the visitor may use the app."""

    logged_in: bool
    app_logged_in: bool


class LoginTokens(TypedDict):
    """What a signed-in client keeps."""

    access_token: str
    refresh_token: str
    expires_in: int


class LoopCompletedEvent(TypedDict):
    """A loop ended."""

    event: LoopCompletedWord
    task_id: Id
    workflow_run_id: Id
    conversation_id: NotRequired[Id]
    message_id: NotRequired[Id]
    created_at: NotRequired[UnixTime]
    data: ContainerCompletedData


LoopCompletedWord: TypeAlias = "Literal['loop_completed']"
"""Always `loop_completed`."""


class LoopNextData(TypedDict):
    """The round that begins; `index` counts from 0, `pre_loop_output` are the variables after the last round."""

    id: str
    node_id: str
    node_type: str
    title: str
    created_at: UnixTime
    extras: FreeObject
    index: int
    pre_loop_output: OptionalValues


class LoopNextEvent(TypedDict):
    """A round of a loop begins."""

    event: LoopNextWord
    task_id: Id
    workflow_run_id: Id
    conversation_id: NotRequired[Id]
    message_id: NotRequired[Id]
    created_at: NotRequired[UnixTime]
    data: LoopNextData


LoopNextWord: TypeAlias = "Literal['loop_next']"
"""Always `loop_next`."""


class LoopStartedEvent(TypedDict):
    """A loop begins."""

    event: LoopStartedWord
    task_id: Id
    workflow_run_id: Id
    conversation_id: NotRequired[Id]
    message_id: NotRequired[Id]
    created_at: NotRequired[UnixTime]
    data: ContainerStartedData


LoopStartedWord: TypeAlias = "Literal['loop_started']"
"""Always `loop_started`."""

MaskedCredentials: TypeAlias = "dict[str, Any] | None"
"""Field name to value; secret fields are masked."""

McpConfiguration: TypeAlias = "McpConfigurationValue | None"
"""The times of a server, in seconds, as newer front ends send them."""


class McpConfigurationValue(TypedDict):
    """The times of a server, in seconds, as newer front ends send them."""

    timeout: NotRequired[float | None]
    sse_read_timeout: NotRequired[float | None]


McpHeaders: TypeAlias = "dict[str, str] | None"
"""Headers that the server wants, such as `Authorization`."""

McpIdentifier: TypeAlias = "str"
"""A short name for the server, once in a workspace."""


class McpProviderReference(TypedDict):
    """Which MCP server is meant."""

    provider_id: Id


class McpProviderRequest(TypedDict):
    """An MCP server."""

    server_url: McpServerUrl
    name: str
    server_identifier: McpIdentifier
    icon: NotRequired[str | None]
    icon_type: NotRequired[IconType]
    icon_background: NotRequired[str | None]
    timeout: NotRequired[float | None]
    sse_read_timeout: NotRequired[float | None]
    headers: NotRequired[McpHeaders]
    configuration: NotRequired[McpConfiguration]


class McpProviderUpdate(TypedDict):
    """New values for an MCP server."""

    provider_id: Id
    server_url: McpServerUrl
    name: str
    server_identifier: McpIdentifier
    icon: NotRequired[str | None]
    icon_type: NotRequired[IconType]
    icon_background: NotRequired[str | None]
    timeout: NotRequired[float | None]
    sse_read_timeout: NotRequired[float | None]
    headers: NotRequired[McpHeaders]
    configuration: NotRequired[McpConfiguration]


McpServerUrl: TypeAlias = "str"
"""Where the server is, over streamable HTTP."""


class Member(TypedDict):
    """Somebody who belongs to the workspace, or is invited to it."""

    id: Id
    name: str
    email: EmailAddress
    avatar: str | None
    avatar_url: str | None
    role: WorkspaceRole
    status: MemberStatus
    created_at: UnixTime
    last_login_at: OptionalUnixTime
    last_active_at: OptionalUnixTime


class MemberList(TypedDict):
    """Members of the workspace."""

    accounts: list[Member]


class MemberRemoved(TypedDict):
    """The member is gone."""

    result: ResultWord
    tenant_id: Id


MemberStatus: TypeAlias = "Literal['pending', 'uninitialized', 'active', 'banned', 'closed']"
"""`pending` until an invitation is accepted."""


class Message(TypedDict):
    """One question and its answer."""

    id: Id
    conversation_id: str | None
    parent_message_id: str | None
    inputs: FreeObject
    query: str
    answer: str
    message_files: list[MessageFile]
    feedback: MessageFeedback
    retriever_resources: list[RetrieverResource]
    agent_thoughts: list[AgentThought]
    extra_contents: NotRequired[list[FreeObject]]
    status: MessageStatus
    error: str | None
    message_tokens: NotRequired[Count]
    answer_tokens: NotRequired[Count]
    total_tokens: NotRequired[Count]
    total_price: NotRequired[str | None]
    currency: NotRequired[str | None]
    provider_response_latency: NotRequired[float]
    metadata: NotRequired[AnswerMetadata]
    created_at: UnixTime


MessageEndWord: TypeAlias = "Literal['message_end']"
"""Always `message_end`."""

MessageEventWord: TypeAlias = "Literal['message']"
"""Always `message`."""

MessageFeedback: TypeAlias = "MessageFeedbackValue | None"
"""What the person thought of the answer; null where nothing was said."""


class MessageFeedbackValue(TypedDict):
    """What the person thought of the answer; null where nothing was said."""

    rating: FeedbackRating


class MessageFile(TypedDict):
    """A file that belongs to a message."""

    id: Id
    type: FileKind
    transfer_method: TransferMethod
    filename: str
    mime_type: str | None
    size: int | None
    url: str | None
    belongs_to: FileOwner
    upload_file_id: str | None


MessageFileWord: TypeAlias = "Literal['message_file']"
"""Always `message_file`."""


class MessageList(TypedDict):
    """Part of a conversation, oldest first."""

    limit: int
    has_more: bool
    data: list[Message]


MessageReplaceWord: TypeAlias = "Literal['message_replace']"
"""Always `message_replace`."""


class MessageStatistic(TypedDict):
    """The messages of one day."""

    date: Day
    message_count: Count


class MessageStatisticList(TypedDict):
    """A row for each day, in their order."""

    data: list[MessageStatistic]


MessageStatus: TypeAlias = "Literal['queued', 'running', 'paused', 'normal', 'stopped', 'error']"
"""Where the answer stands; `normal` is a finished one."""


class MetadataCondition(TypedDict):
    """A comparison of a metadata field, built-in ones included."""

    name: str
    comparison_operator: ComparisonOperator
    value: NotRequired[ComparedValue]


class MetadataField(TypedDict):
    """A field of the documents' metadata."""

    id: str
    name: str
    type: str


class MetadataFieldCount(TypedDict):
    """A field, and how many documents have a value for it."""

    id: Id
    name: MetadataName
    type: MetadataType
    count: Count


class MetadataFieldCreate(TypedDict):
    """A field to be made."""

    type: MetadataType
    name: MetadataName


class MetadataFieldList(TypedDict):
    """The fields of a dataset, oldest first."""

    doc_metadata: list[MetadataFieldCount]
    built_in_field_enabled: bool


class MetadataFieldRename(TypedDict):
    """The new name of a field."""

    name: MetadataName


MetadataFilter: TypeAlias = "MetadataFilterValue | None"
"""Which documents are searched: those whose metadata fulfil all conditions (`and`) or one of them (`or`)."""


class MetadataFilterValue(TypedDict):
    """Which documents are searched: those whose metadata fulfil all conditions (`and`) or one of them (`or`)."""

    logical_operator: NotRequired[LogicalOperator]
    conditions: NotRequired[list[MetadataCondition] | None]


MetadataFilteringMode: TypeAlias = "Literal['disabled', 'automatic', 'manual', None]"
"""Whether documents are chosen by `metadata_filtering_conditions`, by conditions that a model reads out of the question, or not at all."""

MetadataName: TypeAlias = "str"
"""The name of a field; it is given once in a dataset, and those of the built-in fields are taken."""

MetadataScope: TypeAlias = "Literal['all', 'only', 'without']"
"""Everything, the metadata only, or everything but the metadata."""

MetadataType: TypeAlias = "Literal['string', 'number', 'time']"
"""What the values of a field are; a time is in seconds since 1970-01-01, UTC."""

MetadataValue: TypeAlias = "str | None | float"
"""A value; null takes the field off the document."""

Minute: TypeAlias = "str"
"""A minute, such as `2025-01-31 09:30`."""


class MissingDependencies(TypedDict):
    """What an app names and the workspace does not have."""

    leaked_dependencies: list[MissingDependency]


class MissingDependency(TypedDict):
    """A provider of models or tools."""

    type: str
    value: FreeObject
    current_identifier: str | None


ModelChoice: TypeAlias = "ModelChoiceValue | None"
"""The model that answers; null leaves the choice to the workspace's default, then to the server's settings."""


class ModelChoiceValue(TypedDict):
    """The model that answers; null leaves the choice to the workspace's default, then to the server's settings."""

    provider: NotRequired[str | None]
    name: NotRequired[str | None]
    mode: NotRequired[ModelMode]
    completion_params: NotRequired[PromptConfig]


ModelConfig: TypeAlias = "ModelConfigValue | None"
"""What an app runs with: its model, prompt, inputs, knowledge and features."""


class ModelConfigValue(TypedDict):
    """What an app runs with: its model, prompt, inputs, knowledge and features."""

    model: NotRequired[ModelChoice]
    prompt_type: NotRequired[PromptType]
    pre_prompt: NotRequired[str | None]
    chat_prompt_config: NotRequired[PromptConfig]
    completion_prompt_config: NotRequired[PromptConfig]
    user_input_form: NotRequired[list[FormField] | None]
    dataset_query_variable: NotRequired[str | None]
    opening_statement: NotRequired[str | None]
    suggested_questions: NotRequired[list[str] | None]
    suggested_questions_after_answer: NotRequired[OptionalFeature]
    speech_to_text: NotRequired[OptionalFeature]
    text_to_speech: NotRequired[OptionalFeature]
    retriever_resource: NotRequired[OptionalFeature]
    annotation_reply: NotRequired[OptionalFeature]
    more_like_this: NotRequired[OptionalFeature]
    sensitive_word_avoidance: NotRequired[OptionalFeature]
    external_data_tools: NotRequired[list[FreeObject] | None]
    agent_mode: NotRequired[AgentMode]
    dataset_configs: NotRequired[KnowledgeConfig]
    file_upload: NotRequired[PromptConfig]
    provider: NotRequired[str | None]
    model_id: NotRequired[str | None]
    configs: NotRequired[PromptConfig]
    created_by: NotRequired[str | None]
    created_at: NotRequired[OptionalUnixTime]
    updated_by: NotRequired[str | None]
    updated_at: NotRequired[OptionalUnixTime]


class ModelCredentialCheckRequest(TypedDict):
    """Credentials to try with a model."""

    model: ModelName
    model_type: ModelType
    credentials: ProviderCredentialValues


class ModelCredentialReference(TypedDict):
    """Which credentials of which model."""

    model: ModelName
    model_type: ModelType
    credential_id: str


class ModelCredentialSaveRequest(TypedDict):
    """Credentials to try with a model and, if it answers, to keep."""

    model: ModelName
    model_type: ModelType
    credentials: ProviderCredentialValues
    name: NotRequired[str | None]


ModelCredentialSchema: TypeAlias = "ModelCredentialSchemaValue | None"
"""The form for credentials of a single model; null where the provider has none."""


class ModelCredentialSchemaValue(TypedDict):
    """The form for credentials of a single model; null where the provider has none."""

    credential_form_schemas: list[CredentialField]


class ModelCredentialUpdateRequest(TypedDict):
    """New values for the credentials of a model."""

    model: ModelName
    model_type: ModelType
    credential_id: str
    credentials: ProviderCredentialValues
    name: NotRequired[str | None]


class ModelCredentials(TypedDict):
    """The stored credentials of a single model; secret fields are masked."""

    credentials: MaskedCredentials
    current_credential_id: str | None
    current_credential_name: str | None
    available_credentials: list[CredentialReference]
    load_balancing: LoadBalancing


ModelMode: TypeAlias = "Literal['chat', 'completion', '', None]"
"""Whether the model is given messages or one text."""

ModelName: TypeAlias = "str"
"""A model's name, as its provider knows it."""

ModelOrigin: TypeAlias = "Literal['predefined-model', 'customizable-model']"
"""Whether the catalogue or the workspace names the model."""


class ModelProperties(TypedDict):
    """What is known of a model; an unknown value is left out, never guessed."""

    mode: NotRequired[str]
    context_size: NotRequired[int]
    max_chunks: NotRequired[int]
    file_upload_limit: NotRequired[int]
    dimension: NotRequired[int]


class ModelProvider(TypedDict):
    """A provider of models, its credential form, its state in this workspace, and its models."""

    provider: str
    label: LocalizedText
    description: LocalizedText
    icon_small: LocalizedText
    icon_large: LocalizedText
    background: NotRequired[str | None]
    status: ConfigurationStatus
    supported_model_types: list[ModelType]
    configurate_methods: list[ConfigurateMethod]
    provider_credential_schema: ProviderCredentialSchema
    model_credential_schema: ModelCredentialSchema
    preferred_provider_type: ProviderType
    custom_configuration: CustomConfiguration
    system_configuration: SystemConfiguration
    models: list[CatalogueModel]


class ModelProviderList(TypedDict):
    """Every provider that this installation knows."""

    data: list[ModelProvider]


ModelStatus: TypeAlias = (
    "Literal['active', 'no-configure', 'quota-exceeded', 'no-permission', 'disabled', 'credential-removed']"
)
"""Whether a model can be used now, and if not, why."""

ModelType: TypeAlias = "Literal['llm', 'text-embedding', 'rerank', 'speech2text', 'tts', 'moderation']"
"""What a model does."""

MoreMode: TypeAlias = "Literal['blocking', 'streaming']"
"""Whether the answer comes at once or as server-sent events."""

NewDatasetProvider: TypeAlias = "Literal['vendor', None]"
"""Knowledge is kept here."""

NewPassword: TypeAlias = "str"
"""At least eight characters, with a letter and a digit."""


class NodeExecution(TypedDict):
    """One execution of a node."""

    id: Id
    index: int
    predecessor_node_id: str | None
    node_id: str
    node_type: str
    title: str
    inputs: OptionalValues
    inputs_truncated: bool
    process_data: OptionalValues
    process_data_truncated: bool
    outputs: OptionalValues
    outputs_truncated: bool
    status: NodeStatus
    error: str | None
    elapsed_time: float
    execution_metadata: ExecutionMetadata
    extras: FreeObject
    created_at: UnixTime
    created_by_role: AuthorRole
    created_by_account: RunAccount
    created_by_end_user: RunEndUser
    finished_at: OptionalUnixTime


class NodeExecutionList(TypedDict):
    """The nodes of a run, in the order in which they began."""

    data: list[NodeExecution]


class NodeFinishedData(TypedDict):
    """How a node ended, with what it read and gave."""

    id: Id
    node_id: str
    node_type: str
    title: str
    index: int
    predecessor_node_id: str | None
    iteration_id: str | None
    loop_id: str | None
    inputs: OptionalValues
    inputs_truncated: NotRequired[bool]
    process_data: OptionalValues
    process_data_truncated: NotRequired[bool]
    outputs: OptionalValues
    outputs_truncated: NotRequired[bool]
    status: NodeStatus
    error: str | None
    elapsed_time: float
    execution_metadata: ExecutionMetadata
    created_at: UnixTime
    finished_at: UnixTime
    files: list[FreeObject]


class NodeFinishedEvent(TypedDict):
    """A node ended."""

    event: NodeFinishedWord
    task_id: Id
    workflow_run_id: Id
    conversation_id: NotRequired[Id]
    message_id: NotRequired[Id]
    created_at: NotRequired[UnixTime]
    data: NodeFinishedData


NodeFinishedWord: TypeAlias = "Literal['node_finished']"
"""Always `node_finished`."""


class NodeRetryData(TypedDict):
    """Why a node is tried again; `retry_index` counts from 1."""

    id: Id
    node_id: str
    node_type: str
    title: str
    index: int
    predecessor_node_id: str | None
    iteration_id: str | None
    loop_id: str | None
    inputs: OptionalValues
    inputs_truncated: NotRequired[bool]
    process_data: OptionalValues
    process_data_truncated: NotRequired[bool]
    outputs: OptionalValues
    outputs_truncated: NotRequired[bool]
    status: NodeStatus
    error: str | None
    elapsed_time: float
    execution_metadata: ExecutionMetadata
    created_at: UnixTime
    finished_at: UnixTime
    files: list[FreeObject]
    retry_index: int


class NodeRetryEvent(TypedDict):
    """A node failed and is tried again."""

    event: NodeRetryWord
    task_id: Id
    workflow_run_id: Id
    conversation_id: NotRequired[Id]
    message_id: NotRequired[Id]
    created_at: NotRequired[UnixTime]
    data: NodeRetryData


NodeRetryWord: TypeAlias = "Literal['node_retry']"
"""Always `node_retry`."""

NodeRunRequest: TypeAlias = "NodeRunRequestValue | None"
"""What a node reads of others."""


class NodeRunRequestValue(TypedDict):
    """What a node reads of others."""

    inputs: NotRequired[dict[str, Any] | None]
    query: NotRequired[str | None]
    files: NotRequired[list[InputFile] | None]


class NodeStartedData(TypedDict):
    """Which node began, and where."""

    id: Id
    node_id: str
    node_type: str
    title: str
    index: int
    predecessor_node_id: str | None
    iteration_id: str | None
    loop_id: str | None
    inputs: OptionalValues
    inputs_truncated: NotRequired[bool]
    created_at: UnixTime
    extras: FreeObject
    agent_strategy: NotRequired[OptionalValues]


class NodeStartedEvent(TypedDict):
    """A node began."""

    event: NodeStartedWord
    task_id: Id
    workflow_run_id: Id
    conversation_id: NotRequired[Id]
    message_id: NotRequired[Id]
    created_at: NotRequired[UnixTime]
    data: NodeStartedData


NodeStartedWord: TypeAlias = "Literal['node_started']"
"""Always `node_started`."""

NodeStatus: TypeAlias = "Literal['running', 'retry', 'paused', 'succeeded', 'failed', 'exception', 'stopped']"
"""Where a node stands; `exception` is one that failed and whose error strategy took over."""

OptionalAppMode: TypeAlias = "Literal['chat', 'agent-chat', 'completion', 'advanced-chat', 'workflow', None]"
"""How an app runs; null means chat."""

OptionalFeature: TypeAlias = "OptionalFeatureValue | None"
"""A feature; null and left out mean off."""


class OptionalFeatureValue(TypedDict):
    """A feature; null and left out mean off."""

    enabled: NotRequired[bool | None]


OptionalFeatures: TypeAlias = "dict[str, Any] | None"
"""What the app offers beside its graph: `opening_statement`, `suggested_questions`, `file_upload`, `sensitive_word_avoidance` and so on."""

OptionalFileSource: TypeAlias = "Literal['upload_file', None]"
"""The same as `info_list.data_source_type`."""

OptionalId: TypeAlias = "str | None"
"""A UUID, or nothing; an empty text means nothing too."""

OptionalMoment: TypeAlias = "str | None"
"""A moment of ISO 8601, a day or a day and a time; without an offset it is in UTC."""

OptionalNewPassword: TypeAlias = "str | None"
"""At least eight characters, with a letter and a digit."""

OptionalSegmentText: TypeAlias = "str | None"
"""The text of a passage; null leaves it."""

OptionalToolIcon: TypeAlias = "OptionalToolIconValue | None"
"""An emoji with its background."""


class OptionalToolIconValue(TypedDict):
    """An emoji with its background."""

    content: NotRequired[str | None]
    background: NotRequired[str | None]


OptionalUnixTime: TypeAlias = "int | None"
"""Seconds since 1970-01-01, UTC; null where it has not happened."""

OptionalUser: TypeAlias = "str | None"
"""Your own id of the person behind the call; left out, the call is made for `DEFAULT-USER`."""

OptionalUserBody: TypeAlias = "OptionalUserBodyValue | None"
"""Your own id of the person behind the call, where a body is sent at all."""


class OptionalUserBodyValue(TypedDict):
    """Your own id of the person behind the call, where a body is sent at all."""

    user: NotRequired[OptionalUser]


OptionalValues: TypeAlias = "dict[str, Any] | None"
"""An object whose keys the workflow's author chose; null where there is nothing, or where it is not shown."""

OtherDatasourceType: TypeAlias = "Literal['online_document', 'online_drive', 'website_crawl']"
"""Other places than this one."""


class ParameterRule(TypedDict):
    """One parameter and its bounds."""

    name: str
    use_template: str | None
    label: LocalizedText
    type: ParameterRuleType
    help: ParameterRuleHelp | None
    required: bool
    default: float | None
    min: float | None
    max: float | None
    precision: int | None
    options: list[str]


ParameterRuleHelp: TypeAlias = "ParameterRuleHelpValue | None"
"""What it does, in the languages that the Console speaks."""


class ParameterRuleHelpValue(TypedDict):
    """What it does, in the languages that the Console speaks."""

    en_US: str
    zh_Hans: str


class ParameterRuleList(TypedDict):
    """The parameters that a model takes."""

    data: list[ParameterRule]


ParameterRuleType: TypeAlias = "Literal['float', 'int']"
"""What a value is."""

ParentMode: TypeAlias = "Literal['paragraph', 'full-doc', None]"
"""What a child leads to, in documents of the form `hierarchical_model`: its paragraph, or the whole document (its first 10 000 tokens)."""


class Passport(TypedDict):
    """A visitor's way into one app."""

    access_token: str


PausedWord: TypeAlias = "Literal['paused']"
"""Always `paused`."""


class Permission(TypedDict):
    """Whether the visitor may use the app."""

    result: bool


class PipelineDataset(TypedDict):
    """A dataset, as a run of its pipeline shows it."""

    id: Id
    name: str
    description: str | None
    chunk_structure: DocumentForm


class PipelineDocument(TypedDict):
    """A document, as a run of a pipeline shows it."""

    id: Id
    position: Count
    data_source_type: str
    data_source_info: PipelineObject
    name: str
    indexing_status: IndexingStatus
    error: str | None
    enabled: bool


class PipelineExecutionLog(TypedDict):
    """Where a document came in."""

    datasource_info: PipelineSourceFile
    datasource_type: DatasourceType
    input_data: PipelineObject
    datasource_node_id: str


class PipelineFile(TypedDict):
    """A file that was uploaded before."""

    related_id: Id
    name: NotRequired[str | None]


PipelineObject: TypeAlias = "dict[str, Any]"
"""Values by name."""

PipelineResponseMode: TypeAlias = "Literal['streaming', 'blocking', None]"
"""Read for the sake of clients that send it; the answer is the same."""

PipelineRun: TypeAlias = "PipelineRunOfFiles | PipelineRunOfOthers"
"""What documents are to be made of."""


class PipelineRunOfFiles(TypedDict):
    """Files that were uploaded before."""

    inputs: PipelineObject
    datasource_type: FileDatasourceType
    datasource_info_list: list[PipelineFile]
    start_node_id: str
    is_published: bool
    response_mode: NotRequired[PipelineResponseMode]


class PipelineRunOfOthers(TypedDict):
    """What comes from a place that cannot be read yet; refused by its name."""

    inputs: PipelineObject
    datasource_type: OtherDatasourceType
    datasource_info_list: list[PipelineObject]
    start_node_id: str
    is_published: bool
    response_mode: NotRequired[PipelineResponseMode]


class PipelineRunResult(TypedDict):
    """The dataset, its new documents in their order, and their batch."""

    batch: str
    dataset: PipelineDataset
    documents: list[PipelineDocument]


PipelineSourceFile: TypeAlias = "PipelineSourceFileValue | None"
"""The file that a document was made of; null where it is no longer there."""


class PipelineSourceFileValue(TypedDict):
    """The file that a document was made of; null where it is no longer there."""

    related_id: Id
    name: str
    size: Count
    extension: str
    mime_type: str


PlanePosition: TypeAlias = "PlanePositionValue | None"
"""A place in the plane, between -1 and 1 on both axes; null where none was asked for."""


class PlanePositionValue(TypedDict):
    """A place in the plane, between -1 and 1 on both axes; null where none was asked for."""

    x: float
    y: float


class Plugin(TypedDict):
    """A plugin that can be installed, or is."""

    plugin_id: str
    plugin_unique_identifier: PluginIdentifier
    name: str
    label: str
    description: str
    version: str
    author: str
    icon: str
    category: PluginCategory
    tags: list[str]
    verified: bool
    install_count: int
    installed: bool
    latest_version: str
    current_version: str | None
    installation_id: str | None


PluginCategory: TypeAlias = "Literal['tool', 'model']"
"""What a plugin is for."""


class PluginDeclaration(TypedDict):
    """What a plugin says of itself."""

    author: str
    name: str
    version: str
    category: PluginCategory
    label: LocalizedText
    description: LocalizedText
    icon: str
    tags: list[str]
    verified: bool


PluginIdentifier: TypeAlias = "str"
"""A version of a plugin with all that it says; `author/name:version@` and a SHA-256."""

PluginIdentifiers: TypeAlias = "list[PluginIdentifier]"
"""Which versions of plugins; one that is named twice counts once."""


class PluginInstallRequest(TypedDict):
    """Which plugin to install."""

    plugin_unique_identifier: PluginIdentifier
    headers: NotRequired[McpHeaders]


class PluginInstallation(TypedDict):
    """An installation; it is complete when it is answered, so that there is no task to wait for."""

    result: Literal["success"]
    plugin: InstalledPlugin
    all_installed: bool
    task_id: PluginTaskId


class PluginInstallations(TypedDict):
    """Installations; they are complete when they are answered, so that there is no task to wait for."""

    result: Literal["success"]
    plugins: list[InstalledPlugin]
    all_installed: bool
    task_id: str


class PluginList(TypedDict):
    """One page of plugins."""

    plugins: list[Plugin]
    total: Count


class PluginTask(TypedDict):
    """The installation of a plugin."""

    id: Id
    created_at: str
    updated_at: str
    status: PluginTaskStatus
    total_plugins: Count
    completed_plugins: Count
    plugins: list[PluginTaskItem]


class PluginTaskAnswer(TypedDict):
    """One installation."""

    task: PluginTask


PluginTaskId: TypeAlias = "str"
"""The finished task by which the installation can be read again; empty for what comes with the server."""


class PluginTaskItem(TypedDict):
    """The plugin that was installed."""

    plugin_id: str
    plugin_unique_identifier: PluginIdentifier
    status: PluginTaskStatus
    message: str
    icon: str
    labels: LocalizedText


class PluginTaskList(TypedDict):
    """One page of installations."""

    tasks: list[PluginTask]
    total: Count


PluginTaskStatus: TypeAlias = "Literal['success']"
"""An installation is finished when it is answered."""


class PluginUninstallRequest(TypedDict):
    """Which plugin to uninstall."""

    plugin_installation_id: Id


class PluginUninstallation(TypedDict):
    """Uninstalled."""

    success: bool


class PluginsInstallRequest(TypedDict):
    """Which plugins to install."""

    plugin_unique_identifiers: PluginIdentifiers


class PreProcessingRule(TypedDict):
    """One way of cleaning, on or off."""

    id: PreProcessingRuleId
    enabled: bool


PreProcessingRuleId: TypeAlias = "Literal['remove_extra_spaces', 'remove_urls_emails', 'remove_stopwords']"
"""Fold repeated blanks, take out links and addresses, or take out stop words."""


class PreviewAnswer(TypedDict):
    """A question and its answer, as they would be."""

    question: str
    answer: str


class PreviewSegment(TypedDict):
    """A passage as it would be."""

    content: str
    child_chunks: list[str] | None


ProcessRule: TypeAlias = "ProcessRuleValue | None"
"""How a document's text is cleaned and cut."""


class ProcessRuleLimits(TypedDict):
    """How long passages may be."""

    indexing_max_segmentation_tokens_length: int


ProcessRuleMode: TypeAlias = "Literal['automatic', 'custom', 'hierarchical']"
"""Whether our own rules are used, or yours; `hierarchical` are yours for parents and their children."""


class ProcessRuleValue(TypedDict):
    """How a document's text is cleaned and cut."""

    mode: ProcessRuleMode
    rules: NotRequired[ProcessRules]


ProcessRules: TypeAlias = "ProcessRulesValue | None"
"""The rules of the modes `custom` and `hierarchical`; without them those of `automatic`, or parents at blank lines."""


class ProcessRulesValue(TypedDict):
    """The rules of the modes `custom` and `hierarchical`; without them those of `automatic`, or parents at blank lines."""

    pre_processing_rules: NotRequired[list[PreProcessingRule] | None]
    segmentation: NotRequired[Segmentation]
    parent_mode: NotRequired[ParentMode]
    subchunk_segmentation: NotRequired[Segmentation]


PromptConfig: TypeAlias = "dict[str, Any] | None"
"""Settings that are kept as they are given."""


class PromptLine(TypedDict):
    """A message that the model was given."""

    role: str
    text: str


PromptType: TypeAlias = "Literal['simple', 'advanced', None]"
"""Whether `pre_prompt` is used, or the prompts of the two prompt configs."""


class ProviderCredentialSchema(TypedDict):
    """The form for credentials of the provider."""

    credential_form_schemas: list[CredentialField]


ProviderCredentialValues: TypeAlias = "dict[str, Any]"
"""Field name to value, by the provider's form."""


class ProviderCredentials(TypedDict):
    """A stored credential; secret fields are masked."""

    credentials: MaskedCredentials
    current_credential_id: str | None
    available_credentials: list[CredentialReference]


class ProviderModelReference(TypedDict):
    """Which model."""

    model: ModelName
    model_type: ModelType


class ProviderSummary(TypedDict):
    """The provider of a default model."""

    provider: str
    label: LocalizedText
    icon_small: LocalizedText
    icon_large: LocalizedText
    supported_model_types: list[ModelType]


ProviderType: TypeAlias = "Literal['system', 'custom']"
"""Whether credentials come from the installation's settings or from the workspace."""


class ProviderWithModels(TypedDict):
    """A usable provider with its models of one type."""

    tenant_id: NotRequired[str]
    provider: str
    label: LocalizedText
    icon_small: LocalizedText
    icon_large: LocalizedText
    status: ConfigurationStatus
    models: list[CatalogueModel]


class ProviderWithModelsList(TypedDict):
    """The usable models of one type, by provider."""

    data: list[ProviderWithModels]


PublishRequest: TypeAlias = "PublishRequestValue | None"
"""What to call the version."""


class PublishRequestValue(TypedDict):
    """What to call the version."""

    bump: NotRequired[VersionBump]
    marked_name: NotRequired[str | None]
    marked_comment: NotRequired[str | None]


class Published(TypedDict):
    """A version is published."""

    result: ResultWord
    id: Id
    version: str
    published_at: UnixTime
    created_at: UnixTime


PublishedWorkflow: TypeAlias = "PublishedWorkflowValue | None"
"""The version that an app's users run, of the same form as a `Workflow`; null where nothing was published."""


class PublishedWorkflowValue(TypedDict):
    """The version that an app's users run, of the same form as a `Workflow`; null where nothing was published."""

    id: Id
    graph: WorkflowGraph
    features: FreeObject
    hash: str
    version: str
    marked_name: str
    marked_comment: str
    created_by: SimpleAccount
    created_at: UnixTime
    updated_by: SimpleAccount
    updated_at: UnixTime
    tool_published: bool
    environment_variables: list[EnvironmentVariable]
    conversation_variables: list[ConversationVariableDeclaration]
    rag_pipeline_variables: list[FreeObject]


Rating: TypeAlias = "Literal['like', 'dislike']"
"""What somebody thinks of an answer."""

RatingChoice: TypeAlias = "Literal['like', 'dislike', None]"
"""What somebody thinks of an answer; null takes an earlier rating back."""


class ReasoningChunkData(TypedDict):
    """A part of a thought; `is_final` with the last one."""

    message_id: str | None
    reasoning: str
    node_id: str
    is_final: bool


class ReasoningChunkEvent(TypedDict):
    """A part of what a model thought before it answered."""

    event: ReasoningChunkWord
    task_id: Id
    workflow_run_id: Id
    conversation_id: NotRequired[Id]
    message_id: NotRequired[Id]
    created_at: NotRequired[UnixTime]
    data: ReasoningChunkData


ReasoningChunkWord: TypeAlias = "Literal['reasoning_chunk']"
"""Always `reasoning_chunk`."""


class RefreshRequest(TypedDict):
    """The refresh token, where it does not come as a cookie."""

    refresh_token: NotRequired[str | None]


ReindexingStatus: TypeAlias = "Literal['waiting', 'processing', 'error']"
"""Whether the work waits, goes on, or has failed."""


class RelatedApp(TypedDict):
    """An app that answers from a dataset."""

    id: Id
    name: str
    description: str | None
    mode: AppMode
    icon_type: IconType
    icon: str | None
    icon_background: str | None
    icon_url: str | None


class RelatedAppList(TypedDict):
    """The apps that answer from a dataset."""

    data: list[RelatedApp]
    total: Count


class RemoteFile(TypedDict):
    """A file that was fetched and is kept, with an address that works for a few minutes."""

    id: Id
    name: str
    size: int
    extension: str
    url: str
    mime_type: str | None
    created_by: str | None
    created_at: UnixTime


class RemoteFileInfo(TypedDict):
    """What a link leads to, by the headers of its server."""

    file_type: str
    file_length: int


class RemoteFileRequest(TypedDict):
    """A link to a file that is to be kept."""

    url: str
    user: NotRequired[OptionalUser]


class RemoteSchema(TypedDict):
    """A document that was fetched."""

    schema: str


class RenamedConversation(TypedDict):
    """The conversation with its new name; `result` and `data` are for clients of the older form."""

    id: Id
    name: str
    inputs: FreeObject
    status: ConversationStatus
    introduction: str | None
    created_at: UnixTime
    updated_at: UnixTime
    result: ResultWord
    data: Conversation


RerankingMode: TypeAlias = "Literal['reranking_model', 'weighted_score', None]"
"""Whether results are put in order by a model or by weights."""

RerankingModel: TypeAlias = "RerankingModelValue | None"
"""The model that puts results in order."""


class RerankingModelValue(TypedDict):
    """The model that puts results in order."""

    reranking_provider_name: NotRequired[str | None]
    reranking_model_name: NotRequired[str | None]


ResponseMode: TypeAlias = "Literal['blocking', 'streaming', None]"
"""`streaming` answers with server-sent events as they come; `blocking` waits for the end and answers once."""


class Result(TypedDict):
    """The word `success`, where there is nothing else to say."""

    result: ResultWord


ResultWord: TypeAlias = "Literal['success']"
"""Always `success`; failures are errors."""


class RetrievalMethods(TypedDict):
    """The ways in which a dataset can be searched."""

    retrieval_method: list[SearchMethod]


RetrievalModel: TypeAlias = "RetrievalModelValue | None"
"""How to search."""


class RetrievalModelValue(TypedDict):
    """How to search."""

    search_method: NotRequired[SearchMethod]
    reranking_enable: NotRequired[bool | None]
    reranking_mode: NotRequired[RerankingMode]
    reranking_model: NotRequired[RerankingModel]
    weights: NotRequired[RetrievalWeights]
    top_k: NotRequired[int | None]
    score_threshold_enabled: NotRequired[bool | None]
    score_threshold: NotRequired[float | None]
    metadata_filtering_conditions: NotRequired[MetadataFilter]


class RetrievalSettings(TypedDict):
    """How a dataset is searched."""

    search_method: SearchMethod
    reranking_enable: bool
    reranking_mode: NotRequired[RerankingMode]
    reranking_model: NotRequired[RerankingModel]
    weights: NotRequired[RetrievalWeights]
    top_k: int
    score_threshold_enabled: bool
    score_threshold: NotRequired[float | None]


RetrievalWeights: TypeAlias = "RetrievalWeightsValue | None"
"""How much meaning and words count, nested in `vector_setting` and `keyword_setting`, or flat as `semantic_weight` and `keyword_weight`."""


class RetrievalWeightsValue(TypedDict):
    """How much meaning and words count, nested in `vector_setting` and `keyword_setting`, or flat as `semantic_weight` and `keyword_weight`."""

    weight_type: NotRequired[str | None]
    vector_setting: NotRequired[VectorWeight]
    keyword_setting: NotRequired[KeywordWeight]
    semantic_weight: NotRequired[float]
    keyword_weight: NotRequired[float]


class RetrieveAnswer(TypedDict):
    """What was found, best first."""

    query: RetrieveQuery
    records: list[RetrieveRecord]


class RetrieveQuery(TypedDict):
    """What was looked for."""

    content: str
    tsne_position: NotRequired[PlanePosition]


class RetrieveRecord(TypedDict):
    """A passage that was found."""

    segment: FoundSegment
    child_chunks: list[FoundChildChunk]
    score: float | None
    tsne_position: PlanePosition
    files: list[FreeObject]
    summary: str | None


class RetrieveRequest(TypedDict):
    """What to look for."""

    query: str
    retrieval_model: NotRequired[RetrievalModel]
    with_positions: NotRequired[bool | None]


class RetrieverResource(TypedDict):
    """A passage of a document that the answer rests on."""

    position: int
    dataset_id: Id
    dataset_name: str
    document_id: Id
    document_name: str
    data_source_type: NotRequired[str | None]
    segment_id: Id
    score: float | None
    content: str
    hit_count: NotRequired[int | None]
    word_count: NotRequired[int | None]
    segment_position: NotRequired[int | None]
    index_node_hash: NotRequired[str | None]
    page: NotRequired[int | None]


class RoleChange(TypedDict):
    """The role from now on."""

    role: WorkspaceRole


RunAccount: TypeAlias = "RunAccountValue | None"
"""The account that began a run; null where an end user did."""


class RunAccountValue(TypedDict):
    """The account that began a run; null where an end user did."""

    id: Id
    name: str
    email: str


class RunDetail(TypedDict):
    """A run, with the graph as it was when the run began."""

    id: Id
    version: str
    graph: WorkflowGraph
    inputs: FreeObject
    status: WorkflowRunStatus
    outputs: OptionalValues
    error: str | None
    elapsed_time: float
    total_tokens: Count
    total_steps: Count
    created_by_role: AuthorRole
    created_by_account: RunAccount
    created_by_end_user: RunEndUser
    created_at: UnixTime
    finished_at: OptionalUnixTime
    exceptions_count: Count


RunEndUser: TypeAlias = "RunEndUserValue | None"
"""The end user that began a run; null where an account did."""


class RunEndUserValue(TypedDict):
    """The end user that began a run; null where an account did."""

    id: Id
    type: EndUserKind
    is_anonymous: bool
    session_id: str


RunEvent: TypeAlias = "ChatMessageEvent | ChatMessageEndEvent | ChatMessageReplaceEvent | WorkflowStartedEvent | NodeStartedEvent | NodeFinishedEvent | NodeRetryEvent | IterationStartedEvent | IterationNextEvent | IterationCompletedEvent | LoopStartedEvent | LoopNextEvent | LoopCompletedEvent | TextChunkEvent | TextReplaceEvent | RunSoundEvent | RunSoundEndEvent | ReasoningChunkEvent | AgentLogEvent | HumanInputRequiredEvent | HumanInputFilledEvent | HumanInputTimeoutEvent | WorkflowPausedEvent | WorkflowFinishedEvent | ErrorEvent"
"""Everything that a stream of any run of a workflow can hold, in apps with and without conversations."""

RunReason: TypeAlias = "Literal['initial', 'resumption']"
"""Whether the run begins, or goes on after a pause."""


class RunSoundEndEvent(TypedDict):
    """The text was read to its end; the last event of a stream with sound, after `workflow_finished`."""

    event: SoundEndWord
    task_id: Id
    workflow_run_id: NotRequired[Id]
    conversation_id: NotRequired[Id]
    message_id: NotRequired[Id]
    created_at: NotRequired[UnixTime]
    audio: str


class RunSoundEvent(TypedDict):
    """The next part of the text, read aloud; sent where the app reads by itself."""

    event: SoundWord
    task_id: Id
    workflow_run_id: NotRequired[Id]
    conversation_id: NotRequired[Id]
    message_id: NotRequired[Id]
    created_at: NotRequired[UnixTime]
    audio: str


RunSource: TypeAlias = "Literal['service-api', 'web-app', 'debugger']"
"""By which way a run was begun."""


class RunStatistic(TypedDict):
    """The runs of one day."""

    date: Day
    runs: Count


class RunStatisticList(TypedDict):
    """A row for each day, in their order."""

    data: list[RunStatistic]


RunStream: TypeAlias = "EventFrame | RunEvent"
"""The frames of a stream as they travel (`EventFrame`), or the event that a frame's `data` holds (`RunEvent`)."""


class RunSummary(TypedDict):
    """A run as it is listed; conversation and message are null where the app holds no conversations."""

    id: Id
    version: str
    status: WorkflowRunStatus
    error: str | None
    elapsed_time: float
    total_tokens: Count
    total_steps: Count
    created_by_account: RunAccount
    created_by_end_user: RunEndUser
    created_at: UnixTime
    finished_at: OptionalUnixTime
    exceptions_count: Count
    retry_index: int
    conversation_id: str | None
    message_id: str | None


class RunSummaryList(TypedDict):
    """Part of the runs of an app, the newest first."""

    limit: int
    has_more: bool
    data: list[RunSummary]


RunTrigger: TypeAlias = "Literal['app-run', 'debugging']"
"""Whether users or the editor began the run."""


class SatisfactionStatistic(TypedDict):
    """How content people were on one day."""

    date: Day
    rate: float


class SatisfactionStatisticList(TypedDict):
    """A row for each day, in their order."""

    data: list[SatisfactionStatistic]


class SavedMessage(TypedDict):
    """An answer that its person keeps."""

    id: Id
    inputs: FreeObject
    query: str
    answer: str
    message_files: list[MessageFile]
    feedback: MessageFeedback
    created_at: UnixTime


class SavedMessageList(TypedDict):
    """Part of the answers that a person keeps, the latest first."""

    limit: int
    has_more: bool
    data: list[SavedMessage]


class SavedMessageRequest(TypedDict):
    """The message whose answer is kept."""

    message_id: Id
    user: NotRequired[OptionalUser]


SearchMethod: TypeAlias = "Literal['semantic_search', 'full_text_search', 'hybrid_search', 'keyword_search']"
"""By meaning, by words, by both, or by the keywords of an economy index."""


class Segment(TypedDict):
    """A passage of a document."""

    id: Id
    position: Count
    document_id: Id
    content: str
    sign_content: str
    answer: str | None
    word_count: Count
    tokens: Count
    keywords: list[str]
    index_node_id: str | None
    index_node_hash: str | None
    hit_count: Count
    enabled: bool
    disabled_at: OptionalUnixTime
    disabled_by: str | None
    status: SegmentStatus
    created_by: str | None
    created_at: UnixTime
    updated_at: OptionalUnixTime
    updated_by: str | None
    indexing_at: OptionalUnixTime
    completed_at: OptionalUnixTime
    error: str | None
    stopped_at: OptionalUnixTime
    child_chunks: list[ChildChunk]
    attachments: list[FreeObject]
    summary: str | None


SegmentAction: TypeAlias = "Literal['enable', 'disable']"
"""Whether searches are to find the passages."""


class SegmentChange(TypedDict):
    """What to change in a passage; what is left out stays."""

    content: NotRequired[OptionalSegmentText]
    answer: NotRequired[str | None]
    keywords: NotRequired[SegmentKeywords]
    enabled: NotRequired[bool | None]
    regenerate_child_chunks: NotRequired[bool | None]


class SegmentCreate(TypedDict):
    """Passages to be added at a document's end."""

    segments: list[SegmentDraft]


class SegmentDetail(TypedDict):
    """One passage."""

    data: Segment
    doc_form: DocumentForm


class SegmentDocument(TypedDict):
    """The document of a passage, in short."""

    id: Id
    data_source_type: str
    name: str
    doc_type: str | None
    doc_metadata: Any


class SegmentDraft(TypedDict):
    """A passage to be written."""

    content: SegmentText
    answer: NotRequired[str | None]
    keywords: NotRequired[SegmentKeywords]


class SegmentImport(TypedDict):
    """An import, with how many of its passages are in the document at this moment."""

    job_id: Id
    job_status: SegmentImportStatus
    segments_done: Count
    segments_total: int | None
    error: str | None


class SegmentImportRequest(TypedDict):
    """An uploaded CSV file whose rows become passages."""

    upload_file_id: Id


SegmentImportStatus: TypeAlias = "Literal['waiting', 'processing', 'completed', 'error']"
"""Where an import stands."""

SegmentKeywords: TypeAlias = "list[str] | None"
"""Words that lead to the passage; left out, the program chooses them."""


class SegmentList(TypedDict):
    """One page of passages, in the order of the document."""

    data: list[Segment]
    doc_form: DocumentForm
    has_more: bool
    limit: int
    total: Count
    total_pages: Count
    page: int


SegmentStatus: TypeAlias = "Literal['waiting', 'indexing', 'completed', 'error', 'paused', 're_segment']"
"""Where a passage stands on its way into the index."""

SegmentText: TypeAlias = "str"
"""The text of a passage; it holds more than blanks."""


class SegmentUpdate(TypedDict):
    """The new state of a passage."""

    segment: SegmentChange


SegmentVisibility: TypeAlias = "Literal['all', 'true', 'false']"
"""All passages, those that searches find, or the others."""

Segmentation: TypeAlias = "SegmentationValue | None"
"""Where a text is cut."""


class SegmentationValue(TypedDict):
    """Where a text is cut."""

    separator: NotRequired[str | None]
    max_tokens: int
    chunk_overlap: NotRequired[int | None]


class ServerIndex(TypedDict):
    """What answers here, in which version."""

    welcome: str
    api_version: str
    server_version: str


class SetupRequest(TypedDict):
    """The owner and first account of the installation."""

    email: EmailAddress
    name: str
    password: NewPassword
    language: NotRequired[str | None]


class SetupStatus(TypedDict):
    """Whether the installation has an owner yet."""

    step: SetupStep
    setup_at: NotRequired[int | None]


SetupStep: TypeAlias = "Literal['not_started', 'finished']"
"""`not_started` until the step is done."""


class SignedUrl(TypedDict):
    """An address that answers with the file for a few minutes, and asks for no credential."""

    url: str


SimpleAccount: TypeAlias = "SimpleAccountValue | None"
"""Somebody who did something; null where they are gone."""


class SimpleAccountValue(TypedDict):
    """Somebody who did something; null where they are gone."""

    id: Id
    name: str
    email: str


class Site(TypedDict):
    """How the app's own web page looks."""

    title: str
    chat_color_theme: str | None
    chat_color_theme_inverted: bool
    icon_type: IconType
    icon: str | None
    icon_background: str | None
    icon_url: str | None
    description: str | None
    copyright: str | None
    privacy_policy: str | None
    custom_disclaimer: str | None
    input_placeholder: NotRequired[str | None]
    default_language: str
    show_workflow_steps: bool
    use_icon_as_answer_icon: bool


class SiteToggle(TypedDict):
    """Whether the app's site serves."""

    enable_site: bool


class SiteUpdateRequest(TypedDict):
    """What is to change of a site."""

    title: NotRequired[str | None]
    icon_type: NotRequired[IconType]
    icon: NotRequired[str | None]
    icon_background: NotRequired[str | None]
    description: NotRequired[str | None]
    default_language: NotRequired[str | None]
    chat_color_theme: NotRequired[str | None]
    chat_color_theme_inverted: NotRequired[bool | None]
    customize_domain: NotRequired[str | None]
    copyright: NotRequired[str | None]
    privacy_policy: NotRequired[str | None]
    custom_disclaimer: NotRequired[str | None]
    customize_token_strategy: NotRequired[Literal["must", "allow", "not_allow", None]]
    prompt_public: NotRequired[bool | None]
    show_workflow_steps: NotRequired[bool | None]
    use_icon_as_answer_icon: NotRequired[bool | None]


Sound: TypeAlias = "str"
"""An MP3 file."""


class SoundEndEvent(TypedDict):
    """The answer was read to its end; the last event of a stream with sound, after `message_end`."""

    event: SoundEndWord
    task_id: Id
    conversation_id: NotRequired[Id]
    message_id: Id
    created_at: UnixTime
    audio: str


SoundEndWord: TypeAlias = "Literal['tts_message_end']"
"""Always `tts_message_end`."""


class SoundEvent(TypedDict):
    """The next part of the answer, read aloud; sent where the app reads its answers by itself."""

    event: SoundWord
    task_id: Id
    conversation_id: NotRequired[Id]
    message_id: Id
    created_at: UnixTime
    audio: str


SoundWord: TypeAlias = "Literal['tts_message']"
"""Always `tts_message`."""

SourceInfo: TypeAlias = "dict[str, Any] | None"
"""What is known of the place a document came from."""


class SpeechRequest(TypedDict):
    """A text to read aloud, or a message whose answer is read; the message wins."""

    message_id: NotRequired[OptionalId]
    text: NotRequired[str | None]
    voice: NotRequired[str | None]
    streaming: NotRequired[bool | None]
    user: NotRequired[OptionalUser]


class SpeedStatistic(TypedDict):
    """How fast answers were on one day, in tokens a second."""

    date: Day
    tps: float


class SpeedStatisticList(TypedDict):
    """A row for each day, in their order."""

    data: list[SpeedStatistic]


class StatusCount(TypedDict):
    """How the runs of a conversation ended."""

    success: Count
    failed: Count
    partial_success: Count


class StopRequest(TypedDict):
    """Whose run to stop."""

    user: User


class SuggestedQuestionList(TypedDict):
    """Questions that the person might ask next; empty where nothing suggests itself."""

    data: list[str]


class SuggestedQuestions(TypedDict):
    """Questions that the person might ask next; empty where nothing suggests itself."""

    result: ResultWord
    data: list[str]


class SystemConfiguration(TypedDict):
    """What the installation's settings provide."""

    enabled: bool
    current_quota_type: str | None
    quota_configurations: list[dict[str, Any]]


class SystemFeatures(TypedDict):
    """What this installation offers before anyone has signed in."""

    enable_email_code_login: bool
    enable_email_password_login: bool
    enable_social_oauth_login: bool
    enable_marketplace: bool
    is_allow_register: bool
    is_allow_create_workspace: bool
    is_email_setup: bool
    sso_enforced_for_signin: bool
    sso_enforced_for_signin_protocol: str
    license: LicenseState
    branding: Branding
    webapp_auth: WebAppAuthentication


class SystemParameters(TypedDict):
    """The limits on uploads, in megabytes, and how many files one message may carry."""

    image_file_size_limit: int
    video_file_size_limit: int
    audio_file_size_limit: int
    file_size_limit: int
    workflow_file_upload_limit: int


class Tag(TypedDict):
    """A label on an app or a dataset."""

    id: Id
    name: str
    type: TagType


class TagBinding(TypedDict):
    """The tags to put on a dataset."""

    tag_ids: list[Id]
    target_id: Id


class TagCreate(TypedDict):
    """A tag to be made."""

    name: TagName


class TagDelete(TypedDict):
    """The tag to delete."""

    tag_id: Id


TagList: TypeAlias = "list[CountedTag]"
"""The tags of the workspace, newest first."""

TagName: TypeAlias = "str"
"""The name of a tag; it is given once for each kind of thing."""


class TagRename(TypedDict):
    """The new name of a tag."""

    name: TagName
    tag_id: Id


TagType: TypeAlias = "Literal['app', 'knowledge']"
"""What the tag is for."""


class TagUnbinding(TypedDict):
    """The tags to take off a dataset; several in `tag_ids`, or one in `tag_id`."""

    tag_ids: NotRequired[list[Id] | None]
    tag_id: NotRequired[OptionalId]
    target_id: Id


class Task(TypedDict):
    """A run and, once it has ended, its result."""

    task_id: Id
    status: TaskStatus
    mode: AppMode
    message_id: str | None
    conversation_id: str | None
    workflow_run_id: str | None
    created_at: UnixTime
    started_at: OptionalUnixTime
    finished_at: OptionalUnixTime
    result: TaskResult
    error: TaskError


TaskError: TypeAlias = "TaskErrorValue | None"
"""Why the run failed; null where it did not."""


class TaskErrorValue(TypedDict):
    """Why the run failed; null where it did not."""

    code: str
    message: str
    status: int


TaskResult: TypeAlias = "TaskResultValue | None"
"""What blocking mode would have answered (`ChatAnswer`, `CompletionAnswer` or `WorkflowAnswer`)."""


class TaskResultValue(TypedDict):
    """What blocking mode would have answered (`ChatAnswer`, `CompletionAnswer` or `WorkflowAnswer`)."""

    event: NotRequired[MessageEventWord]
    task_id: Id
    id: NotRequired[Id]
    message_id: NotRequired[Id]
    conversation_id: NotRequired[Id]
    mode: NotRequired[AppMode]
    answer: NotRequired[str]
    metadata: NotRequired[AnswerMetadata]
    created_at: NotRequired[UnixTime]
    workflow_run_id: NotRequired[Id]
    data: NotRequired[WorkflowResult]


TaskStatus: TypeAlias = "Literal['queued', 'running', 'paused', 'succeeded', 'failed', 'stopped']"
"""Where a run stands; `stopped` is one that was ended on request and kept what it had, `paused` waits for a person."""


class TextChunkData(TypedDict):
    """A part of the text, and the variable that it comes from."""

    text: str
    from_variable_selector: list[str]


class TextChunkEvent(TypedDict):
    """The next part of the text."""

    event: TextChunkWord
    task_id: Id
    workflow_run_id: Id
    conversation_id: NotRequired[Id]
    message_id: NotRequired[Id]
    created_at: NotRequired[UnixTime]
    data: TextChunkData


TextChunkWord: TypeAlias = "Literal['text_chunk']"
"""Always `text_chunk`."""


class TextReplaceData(TypedDict):
    """The whole text so far."""

    text: str


class TextReplaceEvent(TypedDict):
    """What came so far is to be replaced."""

    event: TextReplaceWord
    task_id: Id
    workflow_run_id: Id
    conversation_id: NotRequired[Id]
    message_id: NotRequired[Id]
    created_at: NotRequired[UnixTime]
    data: TextReplaceData


TextReplaceWord: TypeAlias = "Literal['text_replace']"
"""Always `text_replace`."""


class TextToSpeech(TypedDict):
    """Whether and how answers are read aloud."""

    enabled: bool
    voice: NotRequired[str | None]
    language: NotRequired[str | None]
    autoPlay: NotRequired[str | None]


TimeZone: TypeAlias = "str"
"""A time zone by its name in the IANA database."""

TokenStrategy: TypeAlias = "Literal['must', 'allow', 'not_allow']"
"""Whether visitors bring a token of their own; kept for front ends that ask for it."""


class Tool(TypedDict):
    """One thing that can be done."""

    author: str
    name: str
    label: LocalizedText
    description: LocalizedText
    parameters: list[ToolParameter]
    labels: ToolLabels
    output_schema: FreeObject


ToolArguments: TypeAlias = "dict[str, Any] | None"
"""Values for the arguments of a tool."""


class ToolIcon(TypedDict):
    """An emoji with its background."""

    content: NotRequired[str | None]
    background: NotRequired[str | None]


class ToolLabel(TypedDict):
    """Something that a provider can be about."""

    name: str
    label: LocalizedText
    icon: str


ToolLabelList: TypeAlias = "list[ToolLabel]"
"""Everything that a provider can be about."""

ToolLabels: TypeAlias = "list[str] | None"
"""What a provider is about."""

ToolList: TypeAlias = "list[Tool]"
"""The tools of a provider."""


class ToolParameter(TypedDict):
    """One argument of a tool."""

    name: str
    label: LocalizedText
    human_description: LocalizedText
    llm_description: str
    type: ToolParameterType
    form: ToolParameterForm
    required: bool
    default: NotRequired[AnyValue]
    options: list[ToolParameterOption]


ToolParameterForm: TypeAlias = "Literal['llm', 'form']"
"""Who fills an argument in; the model, unless the app's author sets a value, or the author alone (`form`)."""


class ToolParameterOption(TypedDict):
    """One value of a `select`."""

    value: str
    label: LocalizedText


ToolParameterType: TypeAlias = "Literal['string', 'number', 'boolean', 'select', 'object', 'array']"
"""What an argument is."""


class ToolProvider(TypedDict):
    """Tools that belong together."""

    id: str
    author: str
    name: str
    description: LocalizedText
    icon: ToolIcon
    label: LocalizedText
    type: ToolProviderType
    team_credentials: dict[str, Any]
    is_team_authorization: bool
    allow_delete: bool
    tools: list[Tool]
    labels: ToolLabels
    workflow_app_id: NotRequired[Id]
    server_url: NotRequired[str]
    server_identifier: NotRequired[str]
    timeout: NotRequired[float]
    sse_read_timeout: NotRequired[float]
    masked_headers: NotRequired[dict[str, str]]
    updated_at: NotRequired[UnixTime]


ToolProviderFilter: TypeAlias = "Literal['builtin', 'model', 'api', 'workflow', 'mcp']"
"""Where tools come from; kinds that this server has none of are answered with an empty list."""

ToolProviderList: TypeAlias = "list[ToolProvider]"
"""Tool providers."""

ToolProviderType: TypeAlias = "Literal['builtin', 'api', 'mcp', 'workflow']"
"""Where tools come from; built in, an API's OpenAPI document, an MCP server, or a published workflow."""


class Transcript(TypedDict):
    """What was said."""

    text: str


TransferMethod: TypeAlias = "Literal['remote_url', 'local_file']"
"""Whether a file is fetched from a link or was uploaded before."""


class TypedTagBinding(TypedDict):
    """The tags to put on an app or a dataset."""

    tag_ids: list[Id]
    target_id: Id
    type: TagType


class TypedTagCreate(TypedDict):
    """A tag to be made for apps or for knowledge."""

    name: TagName
    type: TagType


class TypedTagUnbinding(TypedDict):
    """The tag to take off an app or a dataset."""

    tag_ids: NotRequired[list[Id] | None]
    tag_id: NotRequired[OptionalId]
    target_id: Id
    type: TagType


UnixTime: TypeAlias = "int"
"""Seconds since 1970-01-01, UTC."""


class UploadLimits(TypedDict):
    """What may be uploaded, in megabytes and in files at once."""

    file_size_limit: Count
    batch_count_limit: Count
    image_file_size_limit: Count
    video_file_size_limit: Count
    audio_file_size_limit: Count
    workflow_file_upload_limit: Count


class UploadedFile(TypedDict):
    """A file that was uploaded."""

    id: Id
    name: str
    size: int
    extension: str
    mime_type: str | None
    created_by: str | None
    created_at: UnixTime
    preview_url: NotRequired[str | None]
    source_url: NotRequired[str | None]
    doc_type: str
    character_count: int | None


class UploadedInputFile(TypedDict):
    """A file that was uploaded before."""

    type: FileKind
    transfer_method: UploadedTransfer
    url: NotRequired[str | None]
    upload_file_id: Id


UploadedTransfer: TypeAlias = "Literal['local_file']"
"""Always `local_file`."""


class Usage(TypedDict):
    """Tokens and prices."""

    prompt_tokens: Count
    prompt_unit_price: DecimalText
    prompt_price_unit: DecimalText
    prompt_price: DecimalText
    completion_tokens: Count
    completion_unit_price: DecimalText
    completion_price_unit: DecimalText
    completion_price: DecimalText
    total_tokens: Count
    total_price: DecimalText
    currency: str
    latency: float
    time_to_first_token: NotRequired[float | None]
    time_to_generate: NotRequired[float | None]


User: TypeAlias = "str"
"""Your own id of the person behind the call: any text that names the same person every time."""

VariableLabel: TypeAlias = "str"
"""A name that nodes can refer to."""

VariableSelector: TypeAlias = "list[str]"
"""Where a variable is; the node (or `sys`, `env`, `conversation`) and the name."""

VectorWeight: TypeAlias = "VectorWeightValue | None"
"""How much meaning counts."""


class VectorWeightValue(TypedDict):
    """How much meaning counts."""

    vector_weight: float
    embedding_provider_name: NotRequired[str | None]
    embedding_model_name: NotRequired[str | None]


VersionBump: TypeAlias = "Literal['major', 'minor', 'patch', None]"
"""Which number of the version grows."""


class VersionFeatures(TypedDict):
    """Switches that a front end asks for together with the version."""

    can_replace_logo: bool
    model_load_balancing_enabled: bool


class VersionInfo(TypedDict):
    """What runs here, and whether the asking front end fits it."""

    version: str
    release_date: str
    release_notes: str
    can_auto_update: bool
    features: VersionFeatures


class VersionMark(TypedDict):
    """What people call the version and say of it."""

    marked_name: NotRequired[str | None]
    marked_comment: NotRequired[str | None]


VisitorAnswerMode: TypeAlias = "Literal['blocking', 'streaming', None]"
"""Whether the answer comes at once or as server-sent events."""


class VisitorFeedbackRequest(TypedDict):
    """A visitor's rating of an answer, in place of their earlier one."""

    rating: NotRequired[RatingChoice]
    content: NotRequired[str | None]
    user: NotRequired[OptionalUser]


class Voice(TypedDict):
    """A voice that a speech model has."""

    name: str
    value: str


VoiceList: TypeAlias = "list[Voice]"
"""The voices of a speech model."""


class WebAppAuthentication(TypedDict):
    """How the visitors of web apps sign in."""

    enabled: bool
    allow_sso: bool
    allow_email_code_login: bool
    allow_email_password_login: bool


class WebChatRequest(TypedDict):
    """A question to the app."""

    query: str
    inputs: NotRequired[PromptConfig]
    user: NotRequired[OptionalUser]
    response_mode: NotRequired[ResponseMode]
    conversation_id: NotRequired[OptionalId]
    parent_message_id: NotRequired[OptionalId]
    files: NotRequired[list[InputFile] | None]
    auto_generate_name: NotRequired[bool | None]


class WebCompletionRequest(TypedDict):
    """The inputs of an app that answers once."""

    inputs: PromptConfig
    query: NotRequired[str | None]
    user: NotRequired[OptionalUser]
    response_mode: NotRequired[VisitorAnswerMode]
    files: NotRequired[list[InputFile] | None]


class WebLoginRequest(TypedDict):
    """Who signs in, and to which app."""

    email: EmailAddress
    password: str
    remember_me: NotRequired[bool | None]
    app_id: NotRequired[OptionalId]
    app_code: NotRequired[str | None]


class WebSite(TypedDict):
    """What the page of an app needs to draw itself."""

    app_id: Id
    end_user_id: str | None
    enable_site: bool
    site: Site
    model_config: ModelConfig
    plan: WorkspacePlan
    can_replace_logo: bool
    custom_config: NotRequired[PromptConfig]


class WebWorkflowRunRequest(TypedDict):
    """What a workflow is run with."""

    inputs: dict[str, Any] | None
    user: NotRequired[OptionalUser]
    response_mode: NotRequired[ResponseMode]
    files: NotRequired[list[InputFile] | None]


class Webhook(TypedDict):
    """An address that is told when a run of the app ends."""

    id: Id
    app_id: Id
    url: str
    description: str
    enabled: bool
    secret: str | None
    created_at: UnixTime
    updated_at: UnixTime


class WebhookChange(TypedDict):
    """What is to change; what is left out stays."""

    url: NotRequired[WebhookUrl]
    description: NotRequired[WebhookDescription]
    enabled: NotRequired[WebhookEnabled]


class WebhookDelivery(TypedDict):
    """One message to a webhook, and what came of the last attempt at it."""

    id: Id
    webhook_id: Id
    message_id: str
    event: WebhookEvent
    task_id: str | None
    status: DeliveryStatus
    attempts: Count
    next_attempt_at: OptionalUnixTime
    response_status: int | None
    response_body: str | None
    error: str | None
    payload: str
    created_at: UnixTime
    finished_at: OptionalUnixTime


class WebhookDeliveryList(TypedDict):
    """One page of the delivery log, newest first."""

    data: list[WebhookDelivery]
    has_more: bool
    limit: int
    total: Count
    page: int


WebhookDescription: TypeAlias = "str"
"""What the webhook is for."""

WebhookEnabled: TypeAlias = "bool"
"""Whether it is called."""

WebhookEvent: TypeAlias = "Literal['run.finished', 'webhook.test']"
"""What is told; the end of a run, or that somebody tries the webhook."""


class WebhookList(TypedDict):
    """All webhooks of the app, newest first."""

    data: list[Webhook]


class WebhookRequest(TypedDict):
    """A new webhook."""

    url: WebhookUrl
    description: NotRequired[WebhookDescription]
    enabled: NotRequired[WebhookEnabled]


WebhookUrl: TypeAlias = "str"
"""An http or https address that is not in a private network."""


class Workflow(TypedDict):
    """The draft of an app's workflow, or a version that was published."""

    id: Id
    graph: WorkflowGraph
    features: FreeObject
    hash: str
    version: str
    marked_name: str
    marked_comment: str
    created_by: SimpleAccount
    created_at: UnixTime
    updated_by: SimpleAccount
    updated_at: UnixTime
    tool_published: bool
    environment_variables: list[EnvironmentVariable]
    conversation_variables: list[ConversationVariableDeclaration]
    rag_pipeline_variables: list[FreeObject]


class WorkflowAnswer(TypedDict):
    """What came of a run, in blocking mode."""

    task_id: Id
    workflow_run_id: Id
    data: WorkflowResult


WorkflowEvent: TypeAlias = "WorkflowStartedEvent | NodeStartedEvent | NodeFinishedEvent | NodeRetryEvent | IterationStartedEvent | IterationNextEvent | IterationCompletedEvent | LoopStartedEvent | LoopNextEvent | LoopCompletedEvent | TextChunkEvent | TextReplaceEvent | RunSoundEvent | RunSoundEndEvent | ReasoningChunkEvent | AgentLogEvent | HumanInputRequiredEvent | HumanInputFilledEvent | HumanInputTimeoutEvent | WorkflowPausedEvent | WorkflowFinishedEvent | ErrorEvent"
"""Everything that a stream of a workflow's run can hold."""


class WorkflowFinishedData(TypedDict):
    """How the run ended, what it gave, and what it took."""

    id: Id
    workflow_id: Id
    status: WorkflowRunStatus
    outputs: OptionalValues
    error: str | None
    elapsed_time: float
    total_tokens: Count
    total_steps: Count
    created_by: FreeObject
    created_at: UnixTime
    finished_at: UnixTime
    exceptions_count: Count
    files: list[FreeObject]


class WorkflowFinishedEvent(TypedDict):
    """The run is over."""

    event: WorkflowFinishedWord
    task_id: Id
    workflow_run_id: Id
    conversation_id: NotRequired[Id]
    message_id: NotRequired[Id]
    created_at: NotRequired[UnixTime]
    data: WorkflowFinishedData


WorkflowFinishedWord: TypeAlias = "Literal['workflow_finished']"
"""Always `workflow_finished`."""


class WorkflowGraph(TypedDict):
    """What the editor draws."""

    nodes: list[FreeObject]
    edges: list[FreeObject]
    viewport: NotRequired[FreeObject]


class WorkflowList(TypedDict):
    """One page of versions."""

    items: list[Workflow]
    page: int
    limit: int
    has_more: bool


class WorkflowLog(TypedDict):
    """An entry of an app's log of runs."""

    id: Id
    workflow_run: LoggedRun
    details: NotRequired[OptionalValues]
    created_from: RunSource
    created_by_role: AuthorRole
    created_by_account: RunAccount
    created_by_end_user: RunEndUser
    created_at: UnixTime


class WorkflowLogList(TypedDict):
    """One page of an app's log of runs, the newest first."""

    page: int
    limit: int
    total: Count
    has_more: bool
    data: list[WorkflowLog]


class WorkflowPausedData(TypedDict):
    """What the run waits for, and what it has so far."""

    workflow_run_id: Id
    paused_nodes: list[str]
    outputs: FreeObject
    reasons: list[FreeObject]
    status: PausedWord
    created_at: UnixTime
    elapsed_time: float
    total_tokens: Count
    total_steps: Count


class WorkflowPausedEvent(TypedDict):
    """The run waits for people; the stream ends here unless it was told to go on."""

    event: WorkflowPausedWord
    task_id: Id
    workflow_run_id: Id
    conversation_id: NotRequired[Id]
    message_id: NotRequired[Id]
    created_at: NotRequired[UnixTime]
    data: WorkflowPausedData


WorkflowPausedWord: TypeAlias = "Literal['workflow_paused']"
"""Always `workflow_paused`."""


class WorkflowResult(TypedDict):
    """How a run ended, or that it waits for a person, with what it gave."""

    id: Id
    workflow_id: Id
    status: WorkflowRunStatus
    outputs: OptionalValues
    error: str | None
    elapsed_time: float
    total_tokens: Count
    total_steps: Count
    created_at: UnixTime
    finished_at: OptionalUnixTime
    exceptions_count: NotRequired[Count]
    files: NotRequired[list[FreeObject]]


class WorkflowRun(TypedDict):
    """A run of a workflow."""

    id: Id
    workflow_id: Id
    task_id: NotRequired[Id]
    status: WorkflowRunStatus
    inputs: FreeObject
    outputs: OptionalValues
    error: str | None
    total_steps: Count
    total_tokens: Count
    exceptions_count: NotRequired[Count]
    created_at: UnixTime
    finished_at: OptionalUnixTime
    elapsed_time: float


class WorkflowRunRequest(TypedDict):
    """What a workflow is run with, for one of your people."""

    inputs: dict[str, Any] | None
    user: User
    response_mode: NotRequired[AnswerMode]
    files: NotRequired[list[InputFile] | None]


WorkflowRunStatus: TypeAlias = (
    "Literal['queued', 'running', 'paused', 'succeeded', 'failed', 'stopped', 'partial-succeeded']"
)
"""Where a run stands."""


class WorkflowStartedData(TypedDict):
    """Which run began."""

    id: Id
    workflow_id: Id
    inputs: FreeObject
    created_at: UnixTime
    reason: RunReason


class WorkflowStartedEvent(TypedDict):
    """The run began, or goes on after a pause."""

    event: WorkflowStartedWord
    task_id: Id
    workflow_run_id: Id
    conversation_id: NotRequired[Id]
    message_id: NotRequired[Id]
    created_at: NotRequired[UnixTime]
    data: WorkflowStartedData


WorkflowStartedWord: TypeAlias = "Literal['workflow_started']"
"""Always `workflow_started`."""

WorkflowStream: TypeAlias = "EventFrame | WorkflowEvent"
"""The frames of a stream as they travel (`EventFrame`), or the event that a frame's `data` holds (`WorkflowEvent`)."""


class WorkflowTool(TypedDict):
    """A workflow that is a tool."""

    workflow_tool_id: Id
    workflow_app_id: Id
    version: str
    synced: bool
    name: WorkflowToolName
    label: WorkflowToolLabel
    description: str
    icon: ToolIcon
    parameters: list[WorkflowToolParameter]
    output_schema: FreeObject
    tool: Tool
    privacy_policy: str


class WorkflowToolCreated(TypedDict):
    """The tool was made."""

    result: Literal["success"]
    workflow_tool_id: Id


WorkflowToolDescription: TypeAlias = "str | None"
"""For the model, what the tool does and when it helps."""

WorkflowToolLabel: TypeAlias = "str"
"""What people call the tool."""

WorkflowToolName: TypeAlias = "str"
"""What models call the tool; no two of a workspace have the same."""


class WorkflowToolParameter(TypedDict):
    """What is said of a field of the workflow's start node."""

    name: str
    description: NotRequired[str | None]
    form: NotRequired[ToolParameterForm]


WorkflowToolParameters: TypeAlias = "list[WorkflowToolParameter] | None"
"""One for each field that something is said of; fields that are left out are filled in by the model."""


class WorkflowToolReference(TypedDict):
    """Which tool is meant."""

    workflow_tool_id: Id


class WorkflowToolRequest(TypedDict):
    """A workflow that becomes a tool."""

    workflow_app_id: Id
    name: WorkflowToolName
    label: WorkflowToolLabel
    description: NotRequired[WorkflowToolDescription]
    icon: NotRequired[OptionalToolIcon]
    parameters: NotRequired[WorkflowToolParameters]
    privacy_policy: NotRequired[str | None]
    labels: NotRequired[ToolLabels]


class WorkflowToolUpdate(TypedDict):
    """New values for a workflow that is a tool."""

    workflow_tool_id: Id
    name: WorkflowToolName
    label: WorkflowToolLabel
    description: NotRequired[WorkflowToolDescription]
    icon: NotRequired[OptionalToolIcon]
    parameters: NotRequired[WorkflowToolParameters]
    privacy_policy: NotRequired[str | None]
    labels: NotRequired[ToolLabels]


class Workspace(TypedDict):
    """The workspace that the caller's account works in."""

    id: str
    name: str
    plan: WorkspacePlan
    status: WorkspaceStatus
    created_at: int
    role: WorkspaceRole
    in_trial: bool
    trial_end_at: int | None
    trial_end_reason: NotRequired[str | None]


class WorkspaceList(TypedDict):
    """The workspaces of an account."""

    workspaces: list[JoinedWorkspace]


class WorkspaceName(TypedDict):
    """What the workspace is called from now on."""

    name: str


WorkspacePlan: TypeAlias = "Literal['sandbox', 'professional', 'team', 'enterprise']"
"""Decides the limits of the workspace's keys."""


class WorkspaceRenamed(TypedDict):
    """The workspace with its new name."""

    result: ResultWord
    tenant: Workspace


WorkspaceRole: TypeAlias = "Literal['owner', 'admin', 'editor', 'normal', 'dataset_operator']"
"""What the account may do in the workspace."""

WorkspaceStatus: TypeAlias = "Literal['normal', 'trial', 'suspended', 'archived']"
"""`suspended` and `archived` refuse every call."""


class WorkspaceSwitch(TypedDict):
    """Which workspace to work in."""

    tenant_id: Id


class WorkspaceSwitched(TypedDict):
    """The workspace that is worked in now."""

    result: ResultWord
    new_tenant: Workspace


ZipArchive: TypeAlias = "str"
"""A ZIP archive."""
