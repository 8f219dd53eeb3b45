"""What the modules of handlers/console/ have to offer.

Generated from openapi/ by `python -m parley.codegen`; changes belong there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

from handlers.call import Call
from handlers.contract.schemas import (
    Account,
    ApiKey,
    ApiKeyList,
    AppModeFilter,
    CatalogueModelList,
    ChatAnswer,
    ConsoleApp,
    ConsoleAppList,
    CreatedDocument,
    CredentialCheck,
    Dataset,
    DatasetList,
    DefaultModelAnswer,
    DisplayStatus,
    DocumentDetail,
    DocumentList,
    DocumentStatus,
    DocumentStatusList,
    Id,
    LoginResult,
    MetadataScope,
    ModelProviderList,
    ModelType,
    ProviderCredentials,
    ProviderWithModelsList,
    Result,
    RetrieveAnswer,
    SetupStatus,
    SystemFeatures,
    UploadLimits,
    VersionInfo,
    Workspace,
)
from handlers.replies import EventStream, Reply, UploadedFile


class ApiKeysHandlers(Protocol):
    """The operations of the tag API Keys."""

    async def list_app_api_keys(self, call: Call, *, app_id: Id) -> ApiKeyList | Mapping[str, Any] | Reply: ...

    async def create_app_api_key(
        self,
        call: Call,
        *,
        app_id: Id,
        body: Any = ...,
    ) -> ApiKey | Mapping[str, Any] | Reply: ...

    async def delete_app_api_key(self, call: Call, *, app_id: Id, api_key_id: str) -> None | Reply: ...

    async def list_workspace_api_keys(self, call: Call) -> ApiKeyList | Mapping[str, Any] | Reply: ...

    async def create_api_key(self, call: Call, *, body: Any) -> ApiKey | Mapping[str, Any] | Reply: ...

    async def delete_api_key(self, call: Call, *, api_key_id: str) -> None | Reply: ...

    async def list_dataset_api_keys(self, call: Call) -> ApiKeyList | Mapping[str, Any] | Reply: ...

    async def create_dataset_api_key(self, call: Call, *, body: Any = ...) -> ApiKey | Mapping[str, Any] | Reply: ...

    async def delete_dataset_api_key(self, call: Call, *, api_key_id: str) -> None | Reply: ...


class AccountHandlers(Protocol):
    """The operations of the tag Account."""

    async def get_account_profile(self, call: Call) -> Account | Mapping[str, Any] | Reply: ...


class AppsHandlers(Protocol):
    """The operations of the tag Apps."""

    async def list_apps(
        self,
        call: Call,
        *,
        page: int,
        limit: int,
        keyword: str = ...,
        mode: AppModeFilter = ...,
        name: str = ...,
        search: str = ...,
        is_created_by_me: bool = ...,
    ) -> ConsoleAppList | Mapping[str, Any] | Reply: ...

    async def create_app(self, call: Call, *, body: Any) -> ConsoleApp | Mapping[str, Any] | Reply: ...

    async def get_app(self, call: Call, *, app_id: Id) -> ConsoleApp | Mapping[str, Any] | Reply: ...

    async def update_app(self, call: Call, *, app_id: Id, body: Any) -> ConsoleApp | Mapping[str, Any] | Reply: ...

    async def delete_app(self, call: Call, *, app_id: Id) -> None | Reply: ...

    async def set_app_site_status(
        self,
        call: Call,
        *,
        app_id: Id,
        body: Any,
    ) -> ConsoleApp | Mapping[str, Any] | Reply: ...

    async def set_app_api_status(
        self,
        call: Call,
        *,
        app_id: Id,
        body: Any,
    ) -> ConsoleApp | Mapping[str, Any] | Reply: ...

    async def update_app_model_config(
        self,
        call: Call,
        *,
        app_id: Id,
        body: Any,
    ) -> Result | Mapping[str, Any] | Reply: ...


class AuthenticationHandlers(Protocol):
    """The operations of the tag Authentication."""

    async def login(self, call: Call, *, body: Any) -> LoginResult | Mapping[str, Any] | Reply: ...

    async def refresh_token(self, call: Call, *, body: Any = ...) -> LoginResult | Mapping[str, Any] | Reply: ...

    async def logout(self, call: Call) -> Result | Mapping[str, Any] | Reply: ...


class DatasetsHandlers(Protocol):
    """The operations of the tag Datasets."""

    async def list_datasets(
        self,
        call: Call,
        *,
        page: int,
        limit: int,
        keyword: str = ...,
        name: str = ...,
        search: str = ...,
        ids: list[Id] = ...,
        tag_ids: list[Id] = ...,
        include_all: bool,
    ) -> DatasetList | Mapping[str, Any] | Reply: ...

    async def create_dataset(self, call: Call, *, body: Any) -> Dataset | Mapping[str, Any] | Reply: ...

    async def get_dataset(self, call: Call, *, dataset_id: Id) -> Dataset | Mapping[str, Any] | Reply: ...

    async def update_dataset(self, call: Call, *, dataset_id: Id, body: Any) -> Dataset | Mapping[str, Any] | Reply: ...

    async def delete_dataset(self, call: Call, *, dataset_id: Id) -> None | Reply: ...


class DebuggingHandlers(Protocol):
    """The operations of the tag Debugging."""

    async def create_debug_chat_message(
        self,
        call: Call,
        *,
        app_id: Id,
        body: Any,
    ) -> EventStream | ChatAnswer | Mapping[str, Any] | Reply: ...

    async def stop_debug_chat_message(
        self,
        call: Call,
        *,
        app_id: Id,
        task_id: Id,
    ) -> Result | Mapping[str, Any] | Reply: ...


class DocumentsHandlers(Protocol):
    """The operations of the tag Documents."""

    async def create_document_by_file(
        self,
        call: Call,
        *,
        dataset_id: Id,
        file: UploadedFile,
        data: Any = ...,
        indexing_technique: Literal["high_quality", "economy"] = ...,
        process_rule: Any = ...,
        original_document_id: str = ...,
        doc_form: Literal["text_model"] = ...,
        doc_language: str = ...,
        name: str = ...,
    ) -> CreatedDocument | Mapping[str, Any] | Reply: ...

    async def create_document_by_text(
        self,
        call: Call,
        *,
        dataset_id: Id,
        body: Any,
    ) -> CreatedDocument | Mapping[str, Any] | Reply: ...

    async def list_documents(
        self,
        call: Call,
        *,
        page: int,
        limit: int,
        keyword: str = ...,
        search: str = ...,
        status: DisplayStatus = ...,
        dataset_id: Id,
    ) -> DocumentList | Mapping[str, Any] | Reply: ...

    async def get_document(
        self,
        call: Call,
        *,
        metadata: MetadataScope,
        dataset_id: Id,
        document_id: Id,
    ) -> DocumentDetail | Mapping[str, Any] | Reply: ...

    async def delete_document(self, call: Call, *, dataset_id: Id, document_id: Id) -> None | Reply: ...

    async def get_document_indexing_status(
        self,
        call: Call,
        *,
        dataset_id: Id,
        document_id: Id,
    ) -> DocumentStatus | Mapping[str, Any] | Reply: ...

    async def get_batch_indexing_status(
        self,
        call: Call,
        *,
        dataset_id: Id,
        batch: str,
    ) -> DocumentStatusList | Mapping[str, Any] | Reply: ...


class FilesHandlers(Protocol):
    """The operations of the tag Files."""

    async def get_upload_limits(self, call: Call) -> UploadLimits | Mapping[str, Any] | Reply: ...

    async def upload_file(
        self,
        call: Call,
        *,
        file: UploadedFile,
        source: Literal["datasets"] = ...,
    ) -> UploadedFile | Mapping[str, Any] | Reply: ...


class ModelProvidersHandlers(Protocol):
    """The operations of the tag Model Providers."""

    async def list_model_providers(
        self,
        call: Call,
        *,
        model_type: ModelType = ...,
    ) -> ModelProviderList | Mapping[str, Any] | Reply: ...

    async def get_provider_credentials(
        self,
        call: Call,
        *,
        credential_id: str = ...,
        provider: str,
    ) -> ProviderCredentials | Mapping[str, Any] | Reply: ...

    async def create_provider_credentials(
        self,
        call: Call,
        *,
        provider: str,
        body: Any,
    ) -> Result | Mapping[str, Any] | Reply: ...

    async def update_provider_credentials(
        self,
        call: Call,
        *,
        provider: str,
        body: Any,
    ) -> Result | Mapping[str, Any] | Reply: ...

    async def delete_provider_credentials(
        self,
        call: Call,
        *,
        credential_id: str = ...,
        provider: str,
    ) -> None | Reply: ...

    async def validate_provider_credentials(
        self,
        call: Call,
        *,
        provider: str,
        body: Any,
    ) -> CredentialCheck | Mapping[str, Any] | Reply: ...

    async def list_provider_models(
        self,
        call: Call,
        *,
        provider: str,
    ) -> CatalogueModelList | Mapping[str, Any] | Reply: ...

    async def list_models_by_type(
        self,
        call: Call,
        *,
        model_type: ModelType,
    ) -> ProviderWithModelsList | Mapping[str, Any] | Reply: ...

    async def get_default_model(
        self,
        call: Call,
        *,
        model_type: ModelType,
    ) -> DefaultModelAnswer | Mapping[str, Any] | Reply: ...

    async def set_default_models(self, call: Call, *, body: Any) -> Result | Mapping[str, Any] | Reply: ...


class RetrievalHandlers(Protocol):
    """The operations of the tag Retrieval."""

    async def test_retrieval(
        self,
        call: Call,
        *,
        dataset_id: Id,
        body: Any,
    ) -> RetrieveAnswer | Mapping[str, Any] | Reply: ...


class SetupHandlers(Protocol):
    """The operations of the tag Setup."""

    async def get_setup_status(self, call: Call) -> SetupStatus | Mapping[str, Any] | Reply: ...

    async def create_owner(self, call: Call, *, body: Any) -> Result | Mapping[str, Any] | Reply: ...


class SystemHandlers(Protocol):
    """The operations of the tag System."""

    async def get_version(
        self,
        call: Call,
        *,
        current_version: str = ...,
    ) -> VersionInfo | Mapping[str, Any] | Reply: ...

    async def get_system_features(self, call: Call) -> SystemFeatures | Mapping[str, Any] | Reply: ...


class WorkspaceHandlers(Protocol):
    """The operations of the tag Workspace."""

    async def get_current_workspace(self, call: Call) -> Workspace | Mapping[str, Any] | Reply: ...
