from rest_framework.routers import SimpleRouter

from shop.api.views import OrderViewSet

app_name = "api"

router = SimpleRouter()
router.register("orders", OrderViewSet, basename="order")

urlpatterns = router.urls
