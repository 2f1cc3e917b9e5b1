# ruleid: no-proof-of-form
from django.views.decorators.csrf import csrf_exempt


# ruleid: no-proof-of-form
@csrf_exempt
def planted(request):
    return request.POST


# ruleid: no-proof-of-form
planted.csrf_exempt = True
